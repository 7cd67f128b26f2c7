import unittest

from shop import __version__
from shop.prices import prices


class TestShop(unittest.TestCase):
    def test_it_knows_its_version(self):
        self.assertRegex(__version__, r"^\d+\.\d+\.\d+$")

    def test_a_host_without_a_price_list_has_no_prices(self):
        self.assertEqual(prices("/nonexistent"), {})


if __name__ == "__main__":
    unittest.main()
