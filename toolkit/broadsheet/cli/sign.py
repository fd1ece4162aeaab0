"""`broadsheet sign`."""

from pathlib import Path

import click


@click.command()
@click.argument("release", type=click.Path(path_type=Path))
@click.option(
    "--key",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="An SSH key: a private one, or the public one of a key that an agent holds.",
)
@click.option(
    "--out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="By default beside: VERSION.sig."
)
def sign(release: Path, key: Path, out: Path | None) -> None:
    """Sign RELEASE, which is published already: a signature over its SHA256SUMS, beside its folder.

    `broadsheet verify --signer` and `ssh-keygen -Y verify -n file` check it. The folder stays as it is.
    """
    from broadsheet.release.signing import sign_release

    click.echo(f"signed {release}: {sign_release(release, key, out)}")
