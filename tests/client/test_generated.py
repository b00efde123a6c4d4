import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENT = Path("service/ringfence/client")


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.py")}


def test_client_is_what_the_generator_makes_of_the_schema(tmp_path: Path) -> None:
    there = (ROOT / CLIENT / "codegen.toml").read_text("utf-8")
    elsewhere = there.replace(
        f'target_package_path = "{CLIENT}"', f'target_package_path = "{tmp_path}"'
    )
    config = tmp_path / "codegen.toml"
    config.write_text(elsewhere, "utf-8")

    uvx = ["uvx", "--constraints", f"{CLIENT}/codegen.constraints.txt"]
    generate = ["--from", "ariadne-codegen", "ariadne-codegen", "client", "--config", str(config)]
    subprocess.run([*uvx, *generate], cwd=ROOT, check=True)

    assert files_of(tmp_path / "generated") == files_of(ROOT / CLIENT / "generated")
