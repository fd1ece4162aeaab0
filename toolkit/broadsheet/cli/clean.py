"""`broadsheet clean`: what builds, publications and withdrawals that never ended left."""

from pathlib import Path

import click


@click.command()
@click.argument("out", type=click.Path(path_type=Path), default=Path("dist"))
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
def clean(out: Path, dry_run: bool) -> None:
    """Remove the hidden folders below OUT that what was killed or interrupted left.

    OUT is what `build` was given with --out or --work-dir. Calling such a build again would go on from its folder;
    cleaned, it begins anew. What is in use stays.
    """
    from broadsheet.release.leftovers import clean as remove

    n_bytes = 0
    for found in remove(out, dry_run=dry_run):
        if found.busy:
            click.echo(f"kept      {found.path}   {found.busy}")
        else:
            n_bytes += found.n_bytes
            click.echo(f"{'found' if dry_run else 'removed':<10}{found.path}   {found.n_bytes:,} bytes")
    click.echo(f"{'would be freed' if dry_run else 'freed':<10}{n_bytes:,} bytes")
