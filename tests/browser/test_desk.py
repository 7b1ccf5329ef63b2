"""What one does at the desk, in real JupyterLab: an alert is looked after, a backup begun, watched and cancelled."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.lab import Lab, Notebook, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()",
    "rt.alerts",
    "gunj.OperationProgress(rt)",
    "backup = rt.command('staging', 'backup')",
)


def test_looked_after_watched_and_cancelled(open_notebook: Callable[..., Notebook], lab: Lab) -> None:
    notebook = open_notebook(lab.write("desk", *CELLS))
    notebook.run_all()
    notebook.wait_idle(60)
    panel = notebook.widget("alerts")
    lasting = panel.locator("[data-fingerprint]", has_text="CertificateExpiresSoon")
    until(lambda: lasting.count() == 1, 30, "the alert that lasts")
    offer = lasting.locator("button", has_text="Acknowledge")
    if offer.is_visible():  # another test's notebook may have been here
        offer.click()
    until(lambda: lasting.get_attribute("data-acknowledged") is not None, 10, "the operator knows who looks after it")
    assert not offer.is_visible()
    sound = panel.locator("button", has_text="sound")
    assert sound.get_attribute("aria-pressed") == "false", "nobody is startled unasked"
    sound.click()
    assert sound.get_attribute("aria-pressed") == "true"

    work = notebook.widget("operations").locator(".gunj-op", has_text="staging").first
    until(lambda: work.locator("[role=progressbar]").count() == 1, 15, "its progress")
    assert work.locator("[aria-label=Stages] li").count() > 1
    until(
        lambda: work.locator("[role=progressbar]").get_attribute("aria-valuenow") not in (None, "0"), 20, "it advances"
    )
    assert "left" in str(work.text_content())
    work.locator("button", has_text="Cancel").click()
    work.locator("button", has_text="Stop it").click()
    until(lambda: "cancelled" in str(work.text_content()), 15, "cancelled")
    assert notebook.execute("print(backup.status)").strip() == "cancelled"
    assert notebook.cell_errors() == []
