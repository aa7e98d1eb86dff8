/**
 * The end-to-end suites that the PostgreSQL pass of .ci/run leaves out, each with the reason. `npm test` runs them on the
 * embedded database, and nothing in them could come out otherwise on another: beyond signing people up and looking up a
 * token, which every other suite does on both, they ask nothing of it. A suite that is not here runs on both.
 * test/suites-without-sql.spec.ts holds the list against the suites.
 */
module.exports = {
  bench: 'starts the benchmark, which chooses its databases itself',
  cli: 'holds what the command says and keeps on its machine',
  'cli-package': 'installs the package of the command',
  'cli-terminal': 'types at the prompts of the command',
  clients: 'calls the proxy with the official clients',
  'clients-limits': 'has the official clients refused',
  'cookie-over-http': 'compares the attributes of cookies and the origins of requests',
  'dead-clients': 'lets a client disappear without a word',
  'default-upstream': 'looks where requests go by default',
  demo: 'asks the upstream of the demo',
  'direct-handler': 'compares the paths of one route through the HTTP adapter',
  'embedded-maintenance': 'is of the embedded database alone',
  'embedded-template': 'is of the embedded database alone',
  'embedded-turns': 'is of the embedded database alone',
  exchange: 'counts the bytes and the ends of one exchange',
  explorer: 'reads the API explorer and its document',
  host: 'sends Host headers',
  'hostile-bytes': 'sends bytes that are no HTTP',
  'log-output': 'reads what a process has written when it ends',
  monitoring: 'compares the dashboard with the names of the metrics',
  pages: 'reads the files of the web pages',
  'proxy-body-limit': 'sends bodies around the limit',
  'proxy-bytes': 'compares bytes on both sides of the proxy',
  'proxy-draining': 'lets streams end while the server drains',
  'proxy-headers': 'compares headers on both sides of the proxy',
  'proxy-paths': 'compares targets on both sides of the proxy',
  'proxy-sse': 'looks when each event of a stream arrives',
  'proxy-upstream-failure': 'lets the upstream fail',
  'real-api': 'calls the real API',
  'request-heads': 'sends heads that are too large or odd',
  'slow-connecting': 'lets connections upstream stand still',
  'stale-socket': 'closes idle connections upstream',
  'upstream-connecting': 'connects upstream by several addresses',
  'upstream-tls': 'checks certificates upstream',
  'web-audit-words': 'compares two lists of words',
  'web-types': 'compares the types of the pages with the API',
};
