"""The command's entry point, kept tiny: every process of a pool imports it again and must carry nothing else."""


def main() -> None:
    """Run the `supervisor` command."""
    from supervisor.cli import main as command

    command()


if __name__ == "__main__":
    main()
