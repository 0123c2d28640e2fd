"""The settings as the type checker sees them: same shape, no installation behind them."""

from concord.config import read_config
from concord.site.settings import database_for, settings_for

globals().update(settings_for(read_config({"CONCORD_HOME": "/nonexistent"})))
SECRET_KEY = "unused"  # noqa: S105  no secret: nothing runs with it
DATABASES = {alias: database_for(None) for alias in ("default", "owner", "matcher")}
