"""`ringfence takedown`: plan, approve, carry out and undo takedowns of rings."""

import typer

from ringfence.cli import takedown_planning, takedown_reading, takedown_running

app = typer.Typer(
    no_args_is_help=True,
    help="Plan, approve, carry out and undo takedowns of rings. Who acts is the user of this "
    "machine, or with --key-file the holder of an API key with the scope `takedown_plan` or, to "
    "approve, `takedown_approve`. No name can be typed, so that nobody approves their own plan by "
    "typing another one.",
)
app.command("plan")(takedown_planning.plan)
app.command("list")(takedown_reading.list_all)
app.command("show")(takedown_reading.show)
app.command("members")(takedown_reading.members)
app.command("approve")(takedown_planning.approve)
app.command("void")(takedown_planning.void)
app.command("start")(takedown_planning.start)
app.command("run")(takedown_running.run_here)
app.command("pause")(takedown_running.pause)
app.command("resume")(takedown_running.resume)
app.command("stop")(takedown_running.stop)
app.command("undo")(takedown_running.undo)
app.command("renew")(takedown_running.renew)
app.command("halt")(takedown_running.halt)
app.command("release")(takedown_running.release)
