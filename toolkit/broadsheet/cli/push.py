"""`broadsheet push`."""

from pathlib import Path

import click

from broadsheet.cli.report import print_json, shown


@click.command()
@click.argument("release", type=click.Path(path_type=Path))
@click.argument("target")
@click.option("--with-quarantine", is_flag=True, help="Push the rejected records, too.")
@click.option("--private", is_flag=True, help="Make the repository private, where this makes it.")
@click.option("--dry-run", is_flag=True, help="List what would go, with sizes, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
def push(release: Path, target: str, with_quarantine: bool, private: bool, dry_run: bool, as_json: bool) -> None:
    """Push RELEASE to TARGET: hf://datasets/USER/NAME, or a folder that fsspec opens (s3://…, file://…, a path).

    On the Hub it is one commit, and the tag is the version; elsewhere a folder of TARGET called as the version, in
    which manifest.json comes last. Without --with-quarantine rejected records stay here, and `verify` says so there.
    The same version again is a success; one that was interrupted goes on; other content under it is refused.
    """
    from broadsheet.release import push as sending

    if dry_run:
        what = sending.parcel(release, with_quarantine=with_quarantine)
        sizes = what.sizes()
        if as_json:
            print_json({"target": target, "version": what.version, "files": sizes, "left_out": list(what.left_out)})
            return
        for path, n_bytes in sizes.items():
            click.echo(f"{n_bytes:>15,}  {shown(path)}")
        click.echo(f"{sum(sizes.values()):>15,}  bytes in {len(sizes)} files would go to {shown(target)}")
        for path in what.left_out:
            click.echo(f"{'stays here':>15}  {path} (--with-quarantine sends it)")
        return
    pushed = sending.push(
        release, target, with_quarantine=with_quarantine, private=private,
        tell=lambda path: None if as_json else click.echo(f"sending {shown(path)}", err=True),
    )  # fmt: skip
    sizes = pushed.parcel.sizes()
    if as_json:
        left_out = list(pushed.parcel.left_out)
        print_json({"target": pushed.where, "version": pushed.version, "sent": list(pushed.sent), "left_out": left_out})
    elif pushed.new:
        n_bytes = sum(sizes[path] for path in pushed.sent)
        click.echo(f"pushed {pushed.where}: {len(pushed.sent)} files, {n_bytes:,} bytes")
    else:
        click.echo(f"{pushed.where} is there already, with equal content")
