"""What stands around the articles of a made site: phrases, menus, prompts; real ones half the time."""

import random
from typing import Final

from pieces import Pieces
from scripts import Script

PHRASES: Final = {
    "more": "Read more|Continue reading|Read more »|More…|Full story|Keep reading →|[more]|Read the rest of this entry",
    "reply": "Reply|Respond|Answer|Reply ↓|Quote|Permalink|Report|↳ Reply|Like · Reply",
    "comments": "comments|responses|replies|thoughts|Comments|reactions",
    "leave": "Leave a comment|Leave a reply|Join the conversation|Add your comment|Post a comment|Have your say",
    "share": "Share|Share this|Share this:|Tweet|Facebook|Email this|Print|Copy link|Pin it|Save|Like this|Send",
    "tags": "Tags|Filed under|Topics|Labels|Tagged with|Keywords|Categories",
    "related": "Related|Related posts|More like this|You may also like|Recommended|Read next|See also",
    "recent": "Recent posts|Latest|Latest news|Archives|Popular|Most read|Blogroll|Categories|Follow us|Trending",
    "ad": "Advertisement|Ad|Sponsored|Promotion|Story continues below|Advertising",
    "about": "About the author|About|Author|Written by|More from this author",
    "ago": "hours ago|minutes ago|days ago|weeks ago|months ago|h ago|hrs",
    "read": "min read|minutes to read|minute read|min",
    "via": "Via|via|Found at|Hat tip", "source": "Source|Photo|Text",
    "posted": "Posted|Published|Posted by|Written on|Filed", "in": "in|under|on",
    "joined": "joined|Posts|member since|points",
    "home": "Home|About|Contact|Blog|News|Search|Archive|Shop|Events|Support|Log in|Subscribe|RSS|Privacy|Terms|Help",
    "page": "Page|Older posts|Newer posts|Next|Previous|« Older|Newer »|Next page",
}  # fmt: skip
_PROSE: Final = (
    "Sign up for our {} newsletter and get {} and {} in your inbox every week.",
    "We use cookies to give you the best {} experience. By using this site you agree to our {} policy.",
    "Your email address will not be published. Required fields are marked *",
    "Enjoying this {}? Become a member today and support our {}.",
    "Copyright {} {} 2019. All rights reserved. No part of this site may be copied without the {} of the owner.",
    "This post may contain {} links. If you buy {} through them, we earn a small commission.",
    "Enter your email address to follow this {} and receive notifications of new {} by email.",
    "You must be logged in to post a {}.",
    "Thank you for reading {}. Please consider a small gift to keep our {} free for everybody.",
    "All {} on these pages is provided for information only and is no substitute for {}.",
    "Follow us on {} and never miss a {}! It is free, and you can leave whenever you want.",
    "Got a {}? Write to us, and we will answer as soon as we can.",
    "© 2021 {} {}. Powered by {}.",
)
_BIO: Final = (
    "{name} is a {} who writes about {} and {}. When not at work, {name} can be found with {} and two cats.",
    "{name} has been a {} for many years. Her work has appeared in {} and {}.",
    "{name} covers {} for this paper.",
    "I am {name}. I like {}, {} and long {}.",
    "{name} is the author of {} and a lecturer in {} at the {} institute. Send tips to {}@{}.com.",
)


class Furniture:
    """The phrases and blocks of one site, each made once."""

    def __init__(self, pieces: Pieces, script: Script, rng: random.Random) -> None:
        self._pieces, self._script, self._rng = pieces, script, rng
        self._phrases: dict[str, str] = {}
        self._styled = rng.choice(
            [str, str, str.title, str.capitalize, str.upper, lambda text: f"{text.capitalize()}:"]
        )
        self.site = self.words(1, 3).title()
        self.menu = self.run(14)
        self.footer = self.run(20)
        self.categories = [self.words(1, 2).capitalize() for _ in range(6)]
        self.prompts = [self.prompt() for _ in range(4)]
        self.cookie = self.prompt() if rng.random() < 0.3 else ""
        self.hint = self.prompt()
        self.shares = self.some("share", rng.randint(1, 6))
        if rng.random() < 0.3:
            lead, behind = self.words(2, 4).capitalize(), f" ({self.words(2, 4)})" if rng.random() < 0.6 else ""
            self.shares = [f"{lead} {self.words(1, 1).capitalize()}{behind}" for _ in range(rng.randint(2, 6))]
        self.widgets = [(self.phrase("recent", new=True), self.run(10)) for _ in range(rng.randint(0, 4))]
        if rng.random() < 0.35:
            self.widgets.append((self.phrase("recent", new=True), self._archive()))
        if rng.random() < 0.3:
            cloud = " ".join(self.words(1, 1) for _ in range(rng.randint(15, 70)))
            self.widgets.append((self.phrase("tags", new=True), [cloud]))
        if rng.random() < 0.2:
            self.widgets.append(
                (self.phrase("recent", new=True), [self.words(1, 3).capitalize() for _ in range(rng.randint(12, 45))])
            )
        if rng.random() < 0.3:
            self.widgets.append((self.phrase("recent", new=True), self._described()))
        self.notes = [self._note() for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))]
        rng.shuffle(self.widgets)
        self.asked = [self.prompt() for _ in range(rng.choice([0, 0, 1, 2, 3]))]
        if rng.random() < 0.3:
            tags = " ".join(f'<{self.words(1, 1)} {self.words(1, 1)}="">' for _ in range(rng.randint(3, 12)))
            self.asked.append(f"{self.words(4, 9).capitalize()}: {tags}")
        self.fields = [
            self.words(1, 2).capitalize() + rng.choice([" *", "", ":", ""]) for _ in range(rng.randint(0, 5))
        ]
        self.pings = rng.random() < 0.3
        self.legal = [self.prompt() for _ in range(rng.randint(0, 3))]
        self.asks = [self._ask() for _ in range(2)]
        self.notices = [self._notice() for _ in range(rng.choice([0, 0, 1, 2]))]

    def _note(self) -> tuple[str, list[str]]:
        """A heading with some sentences: what a site says of itself, asks for, or lets be filled in."""
        rng = self._rng
        made = [self.prompt() for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        for _ in range(rng.choice([0, 0, 1, 2, 3])):
            made.insert(rng.randint(0, len(made)), rng.choice([
                self.words(1, 3).capitalize(), f"{self.words(1, 3).capitalize()}:",
                f"{rng.randint(1, 900)} {self.words(1, 3)}", f"{self.words(1, 2).capitalize()} *",
                "  ".join(str(rng.randint(1, 100)) for _ in range(3)),
                "".join(rng.choices("abcdefghijkmnopqrstuvwxyzABCDEFGH123456789", k=rng.randint(12, 34))),
                f"{self.words(1, 2)}@{self.words(1, 1)}.com".replace(" ", "."),
            ]))  # fmt: skip
        return self.words(1, 4).capitalize(), made

    def _ask(self) -> list[str]:
        """A prompt of several short lines: a question or a heading, what is asked for, a button."""
        rng = self._rng
        made = [f"{self.words(2, 5).capitalize()}{rng.choice(['?', '?', '', '!'])}"]
        made.append(f"{self.words(4, 14).capitalize()}{rng.choice(['.', '.', '', ': ' + self.words(1, 2)])}")
        if rng.random() < 0.6:
            made.append(self.words(1, 3).capitalize())
        return made[rng.choice([0, 0, 0, 1]) :]

    def _notice(self) -> list[str]:
        """An advertisement: its label, a sentence or two, a button to close it."""
        made = [self.phrase("ad"), self.prompt() if self._rng.random() < 0.5 else f"{self.words(3, 12).capitalize()}."]
        return [*made, self.words(1, 2).capitalize()] if self._rng.random() < 0.4 else made

    def _described(self) -> list[str]:
        """Links with a few words on each, and a note."""
        rng = self._rng
        sign = rng.choice([" – ", " - ", ": ", " "])
        made = [f"{self.words(1, 2).capitalize()}{sign}{self.words(2, 9)}" for _ in range(rng.randint(2, 10))]
        return [*made, self.prompt()] if rng.random() < 0.4 else made

    def _archive(self) -> list[str]:
        """Months with a count, as archives list them."""
        rng = self._rng
        months = [self.words(1, 1).capitalize() for _ in range(12)]
        year = rng.randint(2005, 2025)
        counted = rng.random() < 0.5
        return [
            f"{months[n % 12]} {year - n // 12}" + (f" ({rng.randint(1, 40)})" if counted else "")
            for n in range(rng.randint(8, 70))
        ]

    def words(self, low: int, high: int) -> str:
        """A few words of the site."""
        rng = self._rng
        return self._script.write(" ".join(rng.choice(self._pieces.words) for _ in range(rng.randint(low, high))))

    def phrase(self, name: str, *, new: bool = False) -> str:
        """What the site says for this; always the same unless new."""
        if name == "word":
            return self.words(1, 2)
        if new or name not in self._phrases:
            rng = self._rng
            usual = self._script.write(rng.choice(PHRASES[name].split("|")))
            made = usual if rng.random() < 0.6 or name in ("more", "ago") else self.words(1, 3).capitalize()
            if new:
                return made
            self._phrases[name] = made
        return self._phrases[name]

    def some(self, name: str, n: int) -> list[str]:
        """Several of the phrases that are usual for this."""
        entries = PHRASES[name].split("|")
        return [self._script.write(text) for text in self._rng.sample(entries, min(n, len(entries)))]

    def label(self, name: str) -> str:
        """A heading over a region: what is usual for it, or a few words of the site, in the site's own style."""
        made = self.phrase(name, new=True)
        if self._rng.random() < 0.4:
            made = self.words(2, 5)
        return self._styled(made)

    def run(self, most: int) -> list[str]:
        """Short lines as of a menu, real or invented."""
        rng = self._rng
        if rng.random() < 0.5:
            run = rng.choice(self._pieces.runs)
            return [self._script.write(line) for line in run[: rng.randint(2, most)]]
        made = [self.words(1, 3).capitalize() for _ in range(rng.randint(2, most))]
        for at, text in enumerate(self.some("home", rng.randint(0, 6))):
            made[at % len(made)] = text
        return made

    def prompt(self) -> str:
        """One to three sentences that ask or tell the reader something, real or invented."""
        rng = self._rng
        if rng.random() < 0.5:
            return self._script.write(rng.choice(self._pieces.prompts))
        if rng.random() < 0.25:
            parts = [" ".join(rng.choice(self._pieces.words) for _ in range(rng.randint(5, 16))).capitalize() + "."
                     for _ in range(rng.randint(1, 3))]  # fmt: skip
            return self._script.write(" ".join(parts))
        form = rng.choice(_PROSE)
        return self._script.write(form.format(*(rng.choice(self._pieces.words) for _ in range(4))))

    def bio(self, name: str) -> str:
        """What an author box says."""
        rng = self._rng
        form = rng.choice(_BIO).replace("{name}", "\ue000")
        return self._script.write(form.format(*(rng.choice(self._pieces.words) for _ in range(6)))).replace(
            "\ue000", name
        )
