"""The numbers that may be said, each with the fact that it stands in."""

NUMBERS = {
    # numbers that may always be shown
    "110": "national numbers",
    "120": "national numbers",
    "119": "national numbers",
    "12338": "national numbers; S0, women's rights",
    "12345": "national numbers",
    "12349": "national numbers; S3, civil affairs",
    "12355": "national numbers; S3, youth",
    # the law
    "8": "Law, art. 21: under 8",
    "16": "Law, art. 21: under 16",
    # the contract's levels
    "30": "contract, Risk: critical within 30 minutes",
    "2": "contract, Risk: high within 2 hours; also February (S2, S3)",
    "24": "contract, Risk: medium within 24 hours; S2 and S3, 24-hour hotlines",
    "3": "contract, Risk: low within 3 working days",
    # Guangdong
    "27": "S3: 27 departments",
    "1": "S3: since January 2020",
    "1820": "S3: orphan allowance in institutions, 2020",
    "1110": "S3: orphan allowance in the community, 2020",
    "1685": "S3: orphan allowance in institutions, 2019",
    "1025": "S3: orphan allowance in the community, 2019",
    "10000": "S3: study grant",
    # Henan
    "19": "S4: 19 services",
    # years
    "2019": "S3: orphan allowance of the year before",
    "2020": "S0 to S3: when the facts were told",
    "2021": "Law: in force since 1 June 2021",
    "2024": "S4: December 2024",
}
ARTICLES = {"11", "21", "22", "23", "92", "94"}
"""Articles of the law; English writes their numbers in digits."""
DATES = {"27": "S1: 27 February 2020", "6": "S3: 2 June", "12": "S4: December"}
"""Days and months of the sources."""
CHINESE_DIGITS = "零〇一二三四五六七八九十百千万亿两"
