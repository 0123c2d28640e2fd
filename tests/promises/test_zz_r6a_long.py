from tests.promises import test_rights_machine as m
from tests.promises.test_rights_machine import cast
def test_many(cast):
    print(m.run(cast, 150, derandomize=False))
