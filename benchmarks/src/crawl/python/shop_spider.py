"""The site of site.ts, crawled by Scrapy; run by `scrapy runspider`. See crawlers.ts."""

import scrapy


class ShopSpider(scrapy.Spider):
    name = "shop"
    custom_settings = {
        "ROBOTSTXT_OBEY": True,
        "LOG_LEVEL": "WARNING",
        "TELNETCONSOLE_ENABLED": False,
        "RANDOMIZE_DOWNLOAD_DELAY": False,
        "REQUEST_FINGERPRINTER_IMPLEMENTATION": "2.7",
    }

    def start_requests(self):
        # By default the start page would be fetched again, and give a second row, as pages link to it.
        for url in self.seeds.split(","):
            yield scrapy.Request(url)

    def parse(self, response):
        yield {
            "url": response.url,
            "title": response.css("title::text").get(),
            "price": response.css(".price::text").get(),
        }
        for href in response.css("a::attr(href)").getall():
            yield response.follow(href)
