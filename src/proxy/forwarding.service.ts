import { Inject, Injectable, OnApplicationShutdown } from '@nestjs/common';
import { Axios, isAxiosError } from 'axios';
import { Agent as HttpAgent, AgentOptions, IncomingMessage, ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import { CONFIG, Config } from '../config/config';
import { recordOf } from '../logging/request-record';
import { limitedBody } from './body-limit';
import { Framing, requestHeaders, responseHeaders } from './header-policy';
import { joinedLookup } from './joined-lookup';
import { OpenUploads } from './open-uploads';
import { PreferredAddress } from './preferred-address';
import { ProxyError } from './proxy-error';
import { relay } from './relay';
import { TunnelAgent } from './tunnel-agent';
import { ConnectTimeoutError } from './upstream-failure';
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
  readonly userId: string;
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
   * Resolves when the exchange is over, however it ended; the request's record says how.
   * @throws ProxyError as long as nothing has been sent to the client.
   */
  async forward(request: IncomingMessage, response: ServerResponse, destination: Destination): Promise<void> {
    if (response.destroyed) return; // the client left while its token and its key were looked up
    const record = recordOf(response);
    const body = limitedBody(request, destination.bodyLimit, record);
    const headers = requestHeaders(request.rawHeaders, this.host, framing(request), destination.anthropicKey);
    const path = this.basePath + destination.path;
    record.upstream = {};
    const { method } = request;
    const asked = new UpstreamRequest(this.upstream, { method, path, headers, body }, record.upstream);
    const abandon = (): void => {
      asked.abandon();
    };
    response.once('close', abandon);
    if (!request.complete) this.endWithAccess(request, response, asked, destination.userId);

    const upstream = await this.send(asked, body === undefined && SAFE_METHODS.includes(method ?? ''));
    try {
      response.writeHead(
        upstream.statusCode ?? 502,
        upstream.statusMessage,
        responseHeaders(upstream.rawHeaders),
      );
    } catch (error) {
      abandon();
      throw new ProxyError('upstream_unreachable', error); // a status or header that HTTP doesn't allow
    }
    record.firstByteAt = performance.now();
    record.upstreamRequestId = upstream.headers['request-id']?.toString();
    response.off('close', abandon);
    const relayed = relay(upstream, response);
    // The first event can be minutes away, and clients wait for the head. Not flushHeaders(): it re-encodes as UTF-8.
    // Behind relay(), so that a body that is there already goes out with the head, in one packet.
    if (!isBodyless(request, response)) response.write(NOTHING);
    const outcome = await relayed;
    record.outcome ??= outcome;
    // What is in and was not read, and what was not sent, would keep the connection for ever.
    if (!upstream.readableEnded || !asked.isSent) abandon();
  }

  onApplicationShutdown(): void {
    this.agent.destroy();
  }

  /** Until the exchange is over; when the request is whole by then, nothing comes of it. */
  private endWithAccess(
    request: IncomingMessage,
    response: ServerResponse,
    asked: UpstreamRequest,
    userId: string,
  ): void {
    const record = recordOf(response);
    const unwatch = this.uploads.add(userId, request, record, {
      hold: () => asked.hold(),
      release: () => asked.release(),
      refuse: (error) => {
        // The answer may have begun; then there is no other one, and it breaks off.
        if (response.headersSent) record.outcome = error.outcome;
        asked.refuse(error);
      },
    });
    response.once('close', unwatch);
  }

  private async send(asked: UpstreamRequest, isHarmless: boolean): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { data } = await this.client.request<IncomingMessage>({ adapter: asked.adapter });
        return data;
      } catch (error) {
        if (!isHarmless || !asked.metStaleSocket || attempt === ATTEMPTS) throw asProxyError(error);
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
