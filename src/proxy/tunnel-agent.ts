import { Agent, AgentOptions, ClientRequestArgs, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIPv6, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as tlsConnect, ConnectionOptions } from 'node:tls';
import { ConnectTimeoutError } from './upstream-failure';

/** The idle time before TCP keep-alive probes, in ms: shorter than the time after which middleboxes drop idle connections. */
const KEEP_ALIVE_MS = 60_000;

type Connected = (error: Error | null, socket?: Duplex) => void;

/**
 * An agent whose connections to the upstream go through an outbound proxy (CONNECT, RFC 9110 9.3.6). Refusals and timeouts
 * of the proxy are connection failures: nothing that it sends is ever mistaken for the vendor's response.
 */
export class TunnelAgent extends Agent {
  /** The latest TLS session with the upstream, which is always the same host; new connections resume it. */
  private session: Buffer | undefined;

  constructor(
    private readonly proxy: URL,
    /** The upstream's protocol, `https:` or `http:`; node:http checks that agent and request agree. */
    readonly protocol: string,
    private readonly connectTimeoutMs: number,
    options: AgentOptions,
  ) {
    super(options);
  }

  /** Opens a tunnel; called by node:http when no idle connection is left. */
  override createConnection(options: ClientRequestArgs & ConnectionOptions, connected: Connected): undefined {
    const host = String(options.host);
    const target = `${isIPv6(host) ? `[${host}]` : host}:${String(options.port)}`;
    let opened: Socket | undefined;
    const send = this.proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const connect = send(this.proxy, {
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(this.proxy) },
      lookup: options.lookup,
      agent: false,
    });
    const finish = (error: Error | null, socket?: Duplex): void => {
      clearTimeout(timer);
      if (error !== null) {
        connect.destroy();
        opened?.destroy();
      }
      connected(error, socket);
    };
    const timer = setTimeout(() => {
      finish(new ConnectTimeoutError(`No tunnel within ${this.connectTimeoutMs} ms`));
    }, this.connectTimeoutMs);
    connect.on('error', (error) => {
      finish(error);
    });
    connect.once('connect', (response, socket: Socket, first: Buffer) => {
      opened = socket;
      socket.setKeepAlive(true, KEEP_ALIVE_MS); // node:http enables it only from a connection's second request on
      if (first.length > 0) socket.unshift(first); // bytes that came with the proxy's response belong to the tunnel
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode > 299) {
        finish(new Error(`The outbound proxy refused the tunnel with ${statusCode} status`));
      } else if (this.protocol === 'http:') {
        finish(null, socket);
      } else {
        const { servername, ca } = options;
        const from = { socket, host: options.host ?? undefined, servername, ca, session: this.session };
        const secured = tlsConnect(from, () => {
          secured.off('error', finish);
          finish(null, secured);
        });
        secured.once('error', finish);
        secured.on('session', (ticket: Buffer) => (this.session = ticket));
        secured.once('close', (failed: boolean) => {
          if (failed) this.session = undefined; // the session itself may be what the upstream fails on
        });
      }
    });
    connect.end();
  }
}

function proxyAuthorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
