import { Inject, Injectable, OnApplicationShutdown } from '@nestjs/common';
import { Axios, isAxiosError } from 'axios';
import { Agent as HttpAgent, AgentOptions, IncomingMessage, ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import { CONFIG, Config } from '../config/config';
import { Exchange } from '../exchange/exchange';
import { hasBody } from './body-limit';
import { Framing, requestHeaders, responseHeaders } from './header-policy';
import { joinedLookup } from './joined-lookup';
import { OpenUploads } from './open-uploads';
import { PreferredAddress } from './preferred-address';
import { ProxyError } from './proxy-error';
import { endAndReadOn } from './read-on';
import { relay } from './relay';
import { TunnelAgent } from './tunnel-agent';
import { ConnectTimeoutError } from './upstream-failure';
import { Upload } from './upload';
import { Upstream, UpstreamRequest } from './upstream-request';

/** Hundreds of parallel calls from one person are normal; sockets that lie idle go before the other side drops them. */
const AGENT: AgentOptions = {
  keepAlive: true,
  scheduling: 'lifo', // so that those which are not needed lie idle, and go
  maxSockets: Infinity,
  maxFreeSockets: 256,
  timeout: 30_000,
};

/** Any other one says `content-length: 0` when it has no body; node:http would announce chunks that never come. */
const METHODS_WITHOUT_BODY = ['GET', 'HEAD', 'DELETE', 'OPTIONS'];

/**
 * The upstream may close an idle connection in the moment that we use it. Asking again is harmless for these; a message
 * could be paid for twice, so that is the client's to decide.
 */
const SAFE_METHODS = ['GET', 'HEAD'];
const ATTEMPTS = 3;

const NOTHING = Buffer.alloc(0);

/** Where to, and as whom. */
export interface Destination {
  /** Path and query, raw, as path-guard gives them. */
  readonly path: string;
  readonly bodyLimit: number;
  readonly anthropicKey: string;
}

/** The pipe: one request to the upstream, its answer back, byte for byte, both ways at the pace of the slower side. */
@Injectable()
export class ForwardingService implements OnApplicationShutdown {
  private readonly host: string;
  private readonly basePath: string;
  private readonly agent: HttpAgent;
  private readonly upstream: Upstream;
  /** Bare: what axios.create() adds is for requests that it sends itself, and costs as much as sending one. */
  private readonly client = new Axios({});

  constructor(
    @Inject(CONFIG) { upstream }: Config,
    private readonly uploads: OpenUploads,
  ) {
    const base = new URL(upstream.baseUrl);
    this.host = base.host;
    this.basePath = base.pathname === '/' ? '' : base.pathname;
    const address = new PreferredAddress(joinedLookup());
    this.agent = agentFor(base.protocol, upstream, { ...AGENT, lookup: address.lookup });
    const { protocol, port } = base;
    const hostname = base.hostname.replace(/^\[|\]$/g, ''); // of an IPv6 address, for the URL alone
    const { connectTimeoutMs } = upstream;
    const onConnected = (socket: Socket): void => address.note(socket);
    this.upstream = { protocol, hostname, port, connectTimeoutMs, agent: this.agent, onConnected };
  }

  /**
   * Resolves when the response's head has been passed on; its body follows at its own pace, and the exchange says how that
   * ends.
   * @throws ProxyError as long as nothing has been sent to the client.
   */
  async forward(exchange: Exchange, destination: Destination): Promise<void> {
    if (exchange.hasEnded) return; // the client left while its token and its key were looked up
    const { request, response } = exchange;
    const { method } = request;
    const upload = hasBody(request, destination.bodyLimit)
      ? new Upload(exchange, destination.bodyLimit)
      : undefined;
    const headers = requestHeaders(request.rawHeaders, this.host, framing(request), destination.anthropicKey);
    const message = { method, path: this.basePath + destination.path, headers, upload };
    const sent = new UpstreamRequest(this.upstream, message, exchange.attempts);
    const unwatch = request.complete ? undefined : this.endWithAccess(exchange, sent, upload);
    exchange.onAbort = () => {
      unwatch?.();
      sent.abort();
    };

    const upstream = await this.send(sent, upload === undefined && SAFE_METHODS.includes(method ?? ''));
    try {
      response.writeHead(
        upstream.statusCode ?? 502,
        upstream.statusMessage,
        responseHeaders(upstream.rawHeaders),
      );
    } catch (error) {
      sent.abort();
      throw new ProxyError('upstream_unreachable', error); // a status or header that HTTP doesn't allow
    }
    exchange.sendHead(upstream.statusCode ?? 502, upstream.rawHeaders);
    relay(upstream, exchange, () => {
      upload?.stop(); // the upstream needed no more than it has
      endAndReadOn(request, response);
    });
    // The first event can be minutes away, and clients wait for the head. Not flushHeaders(): it re-encodes as UTF-8.
    // Behind relay(), so that a body that is there already goes out with the head, in one packet.
    if (!isBodyless(request, response)) response.write(NOTHING);
  }

  onApplicationShutdown(): void {
    this.agent.destroy();
  }

  /** Watches a request whose body is still to come. @returns what ends the watch. */
  private endWithAccess(exchange: Exchange, sent: UpstreamRequest, upload: Upload | undefined): () => void {
    return this.uploads.add(exchange, {
      hold: () => upload?.hold(),
      release: () => upload?.release(),
      refuse: (error) => {
        // The response may have begun; then there is no other one, and it breaks off.
        if (exchange.response.headersSent) exchange.fail(error);
        sent.refuse(error);
      },
    });
  }

  private async send(sent: UpstreamRequest, isHarmless: boolean): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { data } = await this.client.request<IncomingMessage>({ adapter: sent.adapter });
        return data;
      } catch (error) {
        if (!isHarmless || !sent.metStaleSocket || attempt === ATTEMPTS) throw asProxyError(error);
      }
    }
  }
}

function agentFor(
  protocol: string,
  { outboundProxy, connectTimeoutMs }: Config['upstream'],
  options: AgentOptions,
): HttpAgent {
  if (outboundProxy !== undefined)
    return new TunnelAgent(new URL(outboundProxy), protocol, connectTimeoutMs, options);
  return protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}

/** Of these the head is all there is, and goes out when the upstream's answer ends, which is at once. */
function isBodyless({ method }: IncomingMessage, { statusCode }: ServerResponse): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304;
}

function framing({ headers, method = 'GET' }: IncomingMessage): Framing {
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
    return 'chunked';
  return METHODS_WITHOUT_BODY.includes(method) ? 'none' : 'empty';
}

function asProxyError(error: unknown): ProxyError {
  const cause = isAxiosError(error) ? (error.cause ?? error) : error;
  if (cause instanceof ProxyError) return cause;
  return new ProxyError(
    cause instanceof ConnectTimeoutError ? 'upstream_connect_timeout' : 'upstream_unreachable',
    cause,
  );
}
