"""The words by which the columns of the world's exports are known, and our names for them."""

from __future__ import annotations

import re

ROLES: dict[str, tuple[str, ...]] = {
    "person": (
        "customerid", "customerkey", "customernumber", "customerno", "custid", "customer",
        "userid", "user", "clientid", "client", "personid", "memberid", "profileid", "contactid",
        "buyerid", "shopperid", "accountid", "subscriberid", "email", "emailaddress",
    ),
    "anonymous": ("anonymousid", "deviceid", "cookieid", "visitorid", "domainuserid"),
    "order": (
        "invoiceno", "invoice", "invoiceid", "invoicenumber", "orderid", "ordernumber", "orderno",
        "order", "ordername", "transactionid", "transactionno", "transaction", "receiptid",
        "receiptno", "receipt", "basketid", "salesorderid", "salesordernumber",
    ),
    "instant": (
        "invoicedate", "orderdate", "occurredat", "eventtime", "eventtimestamp", "timestamp",
        "originaltimestamp", "purchasedate", "purchasedat", "transactiondate", "orderedat",
        "createdat", "datetime", "eventdate", "time", "date", "ts", "receivedat", "sentat",
    ),
    "event": ("event", "eventname", "eventtype", "action", "activity"),
    "id": ("messageid", "eventid"),
    "quantity": ("quantity", "qty", "orderquantity", "units", "lineitemquantity"),
    "price": ("unitprice", "price", "itemprice", "productprice", "lineitemprice"),
    "product_id": (
        "stockcode", "productid", "productkey", "productcode", "itemid", "itemcode", "articleid",
        "asin", "sku",
    ),
    "sku": ("sku", "productsku", "lineitemsku"),
    "name": ("description", "productname", "itemname", "lineitemname", "product"),
    "category": ("category", "productcategory", "department"),
    "brand": ("brand", "vendor"),
    "position": ("orderlineitem", "lineitem", "lineno", "linenumber", "position"),
    "revenue": ("revenue", "total", "amount", "ordertotal", "linetotal", "sales", "saleamount"),
    "currency": ("currency", "ccy", "currencycode"),
    "coupon": ("coupon", "couponcode", "discountcode"),
}  # fmt: skip
"""Our name of a column -> the headers that mean it, the surest first."""

NUMBERS = ("quantity", "price", "revenue", "position")
"""Roles whose values are numbers; one that is none goes to quarantine."""

LINE_ROLES = ("product_id", "sku", "name", "quantity", "price", "category", "brand", "position")

IDENTIFIERS = (
    "ssn", "socialsecurity", "passport", "nationalid", "taxid", "iban", "creditcard", "cardnumber",
    "ipaddress",
)  # fmt: skip
CONTACTS = (
    "email", "phone", "mobile", "telephone", "firstname", "lastname", "fullname", "surname",
    "givenname", "familyname", "middlename", "maidenname", "customername", "username",
    "address", "street", "postcode", "postalcode", "zipcode", "birthdate", "dateofbirth",
    "birthday",
)  # fmt: skip
CONTACT_WORDS = frozenset({"dob", "zip", "tel", "ip", "name", "initials"})

SERVICES = frozenset({
    "POST", "DOT", "M", "D", "S", "B", "C2", "C3", "BANK CHARGES", "AMAZONFEE", "CRUK", "ADJUST",
    "ADJUST2", "POSTAGE", "SHIPPING", "FREIGHT", "FEE", "FEES", "DISCOUNT", "DELIVERY", "CARRIAGE",
    "HANDLING", "TIP", "TAX", "ROUNDING", "MANUAL", "SAMPLES",
})  # fmt: skip
"""Codes that stand where a product's stands, and are none: postage, fees, discounts, manual."""

GIFTS = ("gift_",)
CONSENTS = {
    "marketing": ("optin", "marketingoptin", "marketingconsent", "newsletter", "acceptsmarketing",
                  "emailmarketingconsent", "emailoptin", "subscribed"),
    "analytics": ("analyticsconsent", "analyticsoptin", "trackingconsent"),
}  # fmt: skip


def bare(header: str) -> str:
    """A header without case, spaces and signs; of a dotted one, the last part.

    Examples
    --------
    >>> bare("Customer ID"), bare("properties.order_id")
    ('customerid', 'orderid')
    """
    return re.sub(r"[^a-z0-9]", "", header.rpartition(".")[2].lower())


def rows(n: int) -> str:
    """A number of rows, in words.

    Examples
    --------
    >>> rows(1), rows(2000)
    ('1 row', '2,000 rows')
    """
    return f"{n:,} row{'' if n == 1 else 's'}"


def snake(header: str) -> str:
    """A property name out of a header.

    Examples
    --------
    >>> snake("AnnualIncome"), snake("Postal Code"), snake("properties.URL")
    ('annual_income', 'postal_code', 'url')
    """
    last = re.sub(r"^(properties|traits)\.", "", header.strip())
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", last)
    return re.sub(r"\W+", "_", spaced).strip("_").lower() or "column"
