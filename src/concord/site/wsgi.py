"""The web server's entry point: one open installation a process, its addresses published once."""

import logging
from dataclasses import replace

from django.core.wsgi import get_wsgi_application

from concord.config import read_config
from concord.matching import engine
from concord.site import urls
from concord.site.log import set_up
from concord.site.wiring import open_installation, prepare_django

set_up()
log = logging.getLogger("concord")

config = read_config()
prepare_django(config)
from concord.access.rate import Rates  # noqa: E402
from concord.actions.alerts import watch_alerts  # noqa: E402  records can be imported only now
from concord.actions.erase import watch_removals  # noqa: E402
from concord.actions.erase_intake import watch_intakes  # noqa: E402
from concord.actions.supervise import watch_clocks  # noqa: E402
from concord.actions.upload import watch_uploads  # noqa: E402

installation = open_installation(config)
installation = replace(installation, rates=Rates(config.rates, installation.keys.web, config.requests_per_second))
installation.search.watch()
watch_uploads(installation)
watch_alerts(installation)
watch_clocks(installation)
watch_removals(installation)
watch_intakes()
urls.publish(installation)
application = get_wsgi_application()
native = engine().startswith("native")
log.log(logging.INFO if native else logging.WARNING, "search engine: %s", engine())
