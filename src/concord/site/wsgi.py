"""The web server's entry point: one open installation a process, its addresses published once."""

from django.core.wsgi import get_wsgi_application

from concord.config import read_config
from concord.site import urls
from concord.site.wiring import open_installation, prepare_django

config = read_config()
prepare_django(config)
urls.publish(open_installation(config))
application = get_wsgi_application()
