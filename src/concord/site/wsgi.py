"""The web server's entry point: one open installation a process, its addresses published once."""

import logging

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
from concord.actions.erase_intake import watch_intakes  # noqa: E402  records can be imported only now
from concord.actions.upload import watch_uploads  # noqa: E402

installation = open_installation(config)
installation.search.watch()
watch_uploads(installation)
watch_intakes()
urls.publish(installation)
application = get_wsgi_application()
native = engine().startswith("native")
log.log(logging.INFO if native else logging.WARNING, "search engine: %s", engine())
