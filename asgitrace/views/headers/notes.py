"""What the well-known headers are for: one line each, and where it is laid down."""

from typing import Final

_NOTES: Final = """
accept | media types the client would like, best first by q | RFC 9110
accept-ch | client hints that the server wants in later requests | RFC 8942
accept-charset | charsets the client takes; no longer sent, UTF-8 is assumed | RFC 9110
accept-encoding | codings the response may be compressed with | RFC 9110
accept-language | languages the reader would like, best first by q | RFC 9110
accept-patch | formats in which this resource can be patched | RFC 5789
accept-post | media types that this resource takes by POST | LDP 1.0
accept-ranges | whether parts of this resource can be asked for | RFC 9110
access-control-allow-credentials | pages elsewhere may read this though cookies were sent | Fetch
access-control-allow-headers | preflight: headers the real request may carry | Fetch
access-control-allow-methods | preflight: methods the real request may use | Fetch
access-control-allow-origin | the origin whose pages may read this response | Fetch
access-control-allow-private-network | preflight: a public page may reach this network | WICG
access-control-expose-headers | headers that a page of another origin may read | Fetch
access-control-max-age | how long the browser may remember the preflight | Fetch
access-control-request-headers | preflight: headers the page wants to send | Fetch
access-control-request-method | preflight: the method the page wants to use | Fetch
age | seconds this response has lain in a cache | RFC 9111
allow | methods this resource takes | RFC 9110
alt-svc | where else the same origin is served, by another protocol or port | RFC 7838
authorization | who the client is, by a scheme such as Basic or Bearer | RFC 9110
baggage | values that travel along with a distributed trace | W3C Baggage
cache-control | who may keep this, how long, and when to ask again | RFC 9111
cdn-cache-control | as Cache-Control, for content delivery networks only | RFC 9213
clear-site-data | the browser is to forget what it keeps for this origin | W3C
connection | headers for this hop only, and whether it stays open | RFC 9110
content-digest | digest of the content as it is in this message | RFC 9530
content-disposition | shown in place or saved as a file, and under which name | RFC 6266
content-encoding | codings the content was compressed with, in their order | RFC 9110
content-language | language the content is meant for | RFC 9110
content-length | bytes of content, as they are on the wire | RFC 9110
content-location | where this very representation can be found | RFC 9110
content-range | which part of the whole this is | RFC 9110
content-security-policy | where the page may load from and what it may do | CSP 3
content-security-policy-report-only | a policy that is reported on, not enforced | CSP 3
content-type | media type of the content, and its charset | RFC 9110
cookie | cookies the client keeps for this place, sent back to it | RFC 6265
critical-ch | client hints without which the page is worth asking for again | Client Hints
cross-origin-embedder-policy | whether the page may embed what did not allow it | HTML
cross-origin-opener-policy | whether windows of other origins share this page's group | HTML
cross-origin-resource-policy | which sites may embed this resource | Fetch
date | when the message was made | RFC 9110
deprecation | since when this resource is deprecated | RFC 9745
device-memory | client hint: how much memory the device has | Device Memory
digest | digest of the representation; now Repr-Digest | RFC 3230
dnt | the reader asks not to be tracked; withdrawn | W3C
downlink | client hint: bandwidth in Mbit/s | NetInfo
early-data | the request came in TLS early data and may be a replay | RFC 8470
ect | client hint: kind of network, as 4g | NetInfo
etag | a name for exactly this version of the resource | RFC 9110
expect | what the client waits for before it sends the content | RFC 9110
expect-ct | certificate transparency; obsolete | RFC 9163
expires | from when on this response is stale; Cache-Control comes first | RFC 9111
forwarded | what proxies changed: client, host, scheme | RFC 7239
from | mail address of whoever runs the client | RFC 9110
host | host and port the request is meant for | RFC 9110
http2-settings | settings for a change to HTTP/2 in clear text; obsolete | RFC 7540
idempotency-key | the same key again means the same request, to be done once | IETF draft
if-match | only if the resource is still one of these versions | RFC 9110
if-modified-since | only if it changed after this time; otherwise 304 | RFC 9110
if-none-match | only if it is none of these versions; otherwise 304 | RFC 9110
if-range | the part if nothing changed, otherwise the whole | RFC 9110
if-unmodified-since | only if it did not change after this time; otherwise 412 | RFC 9110
keep-alive | how long and for how many requests the connection may stay open | RFC 2068
last-event-id | last server-sent event the client saw; go on behind it | HTML
last-modified | when the resource was last changed | RFC 9110
link | relations to other resources: next page, preload, canonical | RFC 8288
location | where to go instead, or where the new resource is | RFC 9110
max-forwards | how many more proxies may pass TRACE or OPTIONS on | RFC 9110
memento-datetime | the past moment this version is of | RFC 7089
nel | network errors are to be reported to this group | W3C NEL
no-vary-search | which parts of the query do not make another resource | IETF draft
observe-browsing-topics | the topics of the visit may be counted | WICG
origin | the origin of the page that makes the request | RFC 6454
origin-agent-cluster | the page wants a process for its origin alone | HTML
permissions-policy | which browser features the page and its frames may use | W3C
pragma | no-cache for HTTP/1.0 caches; obsolete | RFC 9111
prefer | what the client would like, as respond-async or return=minimal | RFC 7240
preference-applied | which of those the server honoured | RFC 7240
priority | how urgent this is among other responses | RFC 9218
proxy-authenticate | how to authenticate to the proxy | RFC 9110
proxy-authorization | who the client is, for the proxy | RFC 9110
proxy-connection | Connection for old proxies; in no standard | none
purpose | prefetch: the page may never be shown | none
range | which part of the resource is wanted | RFC 9110
ratelimit | how much of the quota is left | IETF draft
ratelimit-limit | requests allowed in the window | IETF draft
ratelimit-policy | the quotas there are | IETF draft
ratelimit-remaining | requests left in the window | IETF draft
ratelimit-reset | seconds until the quota is full again | IETF draft
referer | the page that the request came from | RFC 9110
referrer-policy | how much of the address goes into Referer | W3C
refresh | load this or another address after so many seconds | HTML
report-to | where reports go; now Reporting-Endpoints | W3C Reporting
reporting-endpoints | where reports of violations go | W3C Reporting
repr-digest | digest of the representation, whatever part is in this message | RFC 9530
retry-after | when to try again, in seconds or as a date | RFC 9110
rtt | client hint: round-trip time in milliseconds | NetInfo
save-data | client hint: the reader wants to save data | Save Data
sec-ch-ua | client hint: browser and its version | UA-CH
sec-ch-ua-mobile | client hint: whether it is a mobile browser | UA-CH
sec-ch-ua-platform | client hint: operating system | UA-CH
sec-fetch-dest | what the browser will do with the response | Fetch Metadata
sec-fetch-mode | kind of request: navigate, cors, no-cors, websocket | Fetch Metadata
sec-fetch-site | how the page and this server are related | Fetch Metadata
sec-fetch-user | a user's action caused the navigation | Fetch Metadata
sec-gpc | the reader asks not to have data sold or shared | GPC
sec-purpose | prefetch: the page may never be shown | Fetch
sec-websocket-accept | proof that the server understood the handshake's key | RFC 6455
sec-websocket-extensions | extensions offered, or the ones chosen | RFC 6455
sec-websocket-key | random value that the server has to answer to | RFC 6455
sec-websocket-protocol | subprotocols offered, or the one chosen | RFC 6455
sec-websocket-version | version of the protocol; 13 is the only one | RFC 6455
server | software of the server | RFC 9110
server-timing | how long things took on the server, for the browser's tools | W3C
service-worker | the request is for a service worker's script | Service Workers
service-worker-allowed | paths that the service worker may control | Service Workers
service-worker-navigation-preload | asked for while the service worker starts | Service Workers
set-cookie | the client is to keep this cookie | RFC 6265
signature | signatures over parts of this message | RFC 9421
signature-input | what the signatures cover | RFC 9421
sourcemap | where the source map of this script is | Source Map
speculation-rules | what the browser may load ahead | WICG
strict-transport-security | only by HTTPS from now on, for so long | RFC 6797
sunset | when this resource will go away | RFC 8594
te | transfer codings the client takes; trailers: it reads trailers | RFC 9110
timing-allow-origin | origins that may see how long loading took | Resource Timing
tk | answer to DNT; withdrawn | W3C
traceparent | the distributed trace this request is part of | W3C Trace Context
tracestate | the tracing systems' own additions to it | W3C Trace Context
trailer | headers that will follow behind the content | RFC 9110
transfer-encoding | how the content is framed on this hop: chunked | RFC 9112
upgrade | another protocol for this connection | RFC 9110
upgrade-insecure-requests | the browser would rather be sent to HTTPS | Upgrade Insecure Requests
user-agent | software of the client | RFC 9110
vary | request headers that this response depends on, for caches | RFC 9110
via | proxies the message went through | RFC 9110
want-content-digest | digests of the content the other side would like | RFC 9530
want-repr-digest | digests of the representation the other side would like | RFC 9530
warning | what happened on the way; obsolete | RFC 7234
www-authenticate | how to authenticate | RFC 9110
x-accel-buffering | no: nginx is not to hold the response back | nginx
x-accel-redirect | nginx sends this file instead | nginx
x-amzn-trace-id | trace of Amazon's load balancer | AWS
x-b3-sampled | Zipkin trace: whether it is recorded | B3
x-b3-spanid | Zipkin trace: this step | B3
x-b3-traceid | Zipkin trace: the whole | B3
x-cache | whether a cache had it; in no standard | none
x-cloud-trace-context | trace of Google Cloud's load balancer | Google Cloud
x-content-type-options | nosniff: believe Content-Type | Fetch
x-correlation-id | an id that goes through all services; in no standard | none
x-csrf-token | proof that the request comes from the site's own page; in no standard | none
x-dns-prefetch-control | whether names are looked up ahead; in no standard | none
x-download-options | noopen: not opened in the site's context; Internet Explorer | none
x-forwarded-for | client and proxies on the way; anybody can write it | none
x-forwarded-host | host the client asked the proxy for; anybody can write it | none
x-forwarded-port | port the client asked the proxy at; anybody can write it | none
x-forwarded-prefix | path the proxy took off; root_path in ASGI | none
x-forwarded-proto | scheme the client used to the proxy; anybody can write it | none
x-frame-options | whether the page may be framed; CSP frame-ancestors comes first | RFC 7034
x-http-method-override | the method that is meant instead; in no standard | none
x-permitted-cross-domain-policies | what Flash and Acrobat may read | Adobe
x-powered-by | software behind the server; in no standard | none
x-process-time | how long the app took, as FastAPI's documentation does it | none
x-ratelimit-limit | requests allowed in the window; in no standard | none
x-ratelimit-remaining | requests left in the window; in no standard | none
x-ratelimit-reset | when the quota is full again; in no standard | none
x-real-ip | address of the client, as the proxy says | none
x-request-id | id of this request through all services; in no standard | none
x-requested-with | XMLHttpRequest: a script asked for it; in no standard | none
x-robots-tag | what search engines may do with it | none
x-sendfile | the front server sends this file instead | none
x-ua-compatible | rendering mode of Internet Explorer | none
x-xss-protection | filter that browsers no longer have | none
"""


def _read(table: str) -> dict[str, tuple[str, str]]:
    rows = (line.split(" | ") for line in table.strip().splitlines())
    return {name: (words, "" if source == "none" else source) for name, words, source in rows}


NOTES: Final = _read(_NOTES)
"""What it is for, and the document, by the name in lower case."""


def note(name: str) -> str:
    """What a header is for, with its document; empty where it is not known."""
    words, source = NOTES.get(name.strip().lower(), ("", ""))
    return f"{words} ({source})" if source else words
