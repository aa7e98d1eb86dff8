import { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { Agent, ClientRequest, IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Socket } from 'node:net';
import { Attempt } from '../exchange/facts';
import { whenConnected } from './connecting';
import { Upload } from './upload';
import { ConnectTimeoutError, failureOf } from './upstream-failure';

/** Where a provider's requests go, and by which connections. */
export interface Upstream {
  readonly protocol: string;
  readonly hostname: string;
  /** Empty for the protocol's own. */
  readonly port: string;
  readonly agent: Agent;
  readonly connectTimeoutMs: number;
  /** Called with each connection that has been made, TLS included. */
  readonly onConnected?: (socket: Socket) => void;
  /** The response headers that carry its request id. */
  readonly requestIdHeaders: readonly string[];
}

const UNANSWERED = { headAt: undefined, requestId: undefined, failure: undefined };

/** What is asked for. */
export interface UpstreamMessage {
  readonly method: string | undefined;
  readonly path: string;
  /** Name, value, name, value, ...; with `host`, which node:http adds to no list. */
  readonly headers: string[];
  readonly upload: Upload | undefined;
  /** Whether the upstream may switch protocols (101). Its connection is then the response's `socket`, and no agent's. */
  readonly isHandshake?: boolean;
}

/**
 * One upstream request, in the place that axios leaves for it (`adapter`): the path and the headers go out as they were
 * given, where axios would normalize both; body and response are node:http's own streams, with nothing between; connecting
 * is bounded in time while nothing after it is.
 */
export class UpstreamRequest {
  private sent?: ClientRequest;
  private response?: IncomingMessage;
  private isAborted = false;
  private refusal?: Error;

  constructor(
    private readonly upstream: Upstream,
    private readonly message: UpstreamMessage,
    /** Where it notes how the request went. */
    private readonly attempts: Attempt[],
  ) {}

  /** Called by axios. Resolves with the response's head in, and its body a stream. */
  readonly adapter = (config: InternalAxiosRequestConfig): Promise<AxiosResponse<IncomingMessage>> =>
    new Promise((resolve, reject) => {
      const request = this.send((data) => {
        resolve({ data, status: data.statusCode ?? 0, statusText: '', headers: {}, config, request });
      }, reject);
    });

  private send(
    onResponse: (response: IncomingMessage) => void,
    onFailure: (error: Error) => void,
  ): ClientRequest {
    const { protocol, hostname, port, agent } = this.upstream;
    const { method, path, headers, upload, isHandshake } = this.message;
    const attempt: Attempt = { ...UNANSWERED, sentAt: performance.now() };
    this.attempts.push(attempt);
    let isConnected = false;
    let response: IncomingMessage | undefined;
    const send = protocol === 'https:' ? httpsRequest : httpRequest;
    const answered = (answer: IncomingMessage): void => {
      response = this.response = answer;
      attempt.headAt = performance.now();
      attempt.requestId = requestIdOf(answer, this.upstream.requestIdHeaders);
      onResponse(answer);
    };
    const request = send({ protocol, hostname, port, method, agent, path, headers }, answered);
    this.sent = request;
    if (isHandshake === true)
      request.once('upgrade', (answer, socket, head) => {
        socket.on('error', () => socket.destroy()); // node:http no longer listens
        if (head.length > 0) socket.unshift(head);
        answered(answer);
      });
    const fail = (error: Error): void => {
      upload?.stop();
      if (response === undefined) {
        attempt.failure ??= failureOf(error, isConnected, request.socket);
        onFailure(error);
      } else if (!response.complete && !isDelimited(response)) {
        // A reset shows here first, and a response without length or chunks would then seem to have ended well.
        response.destroy(error);
      }
    };
    request.on('error', fail);
    // A response that is none (101 Switching Protocols) closes without an error, and the client would wait forever.
    request.once('close', () => {
      if (response === undefined) fail(new Error('The upstream closed without an answer'));
    });
    request.once('socket', (socket: Socket) => {
      this.limitConnectTime(request, socket, attempt.sentAt, () => {
        isConnected = true;
        upload?.sendTo(request);
      });
    });
    if (upload === undefined) request.end();
    if (this.isAborted) request.destroy(this.refusal);
    return request;
  }

  /** Nothing is to be waited for on a connection that has served before; a tunnel has its own limit until it is made. */
  private limitConnectTime(
    request: ClientRequest,
    socket: Socket,
    sentAt: number,
    connected: () => void,
  ): void {
    if (request.reusedSocket) {
      connected();
      return;
    }
    const { connectTimeoutMs, onConnected } = this.upstream;
    const left = Math.max(0, connectTimeoutMs - (performance.now() - sentAt));
    const timer = setTimeout(() => {
      request.destroy(new ConnectTimeoutError(`Not connected within ${connectTimeoutMs} ms`));
    }, left);
    request.once('close', () => {
      clearTimeout(timer);
    });
    whenConnected(socket, () => {
      clearTimeout(timer);
      onConnected?.(socket);
      connected();
    });
  }

  /** Whether the request failed, unanswered, on a connection that had lain idle. */
  get metStaleSocket(): boolean {
    return this.sent?.reusedSocket === true && this.response === undefined && !this.isAborted;
  }

  /** Ends the request, wherever it is, unless all of it is through: the person pays for tokens that nobody reads. */
  abort(): void {
    const isThrough = this.response?.readableEnded === true && this.sent?.writableFinished === true;
    if (!isThrough) this.destroy();
  }

  /** Ends the request as abort() does. @param error what the attempt to send it fails with. */
  refuse(error: Error): void {
    this.destroy(error);
  }

  private destroy(error?: Error): void {
    this.isAborted = true;
    this.refusal = error;
    this.message.upload?.stop();
    this.sent?.destroy(error);
  }
}

/** Whether the body says itself where it ends; node:http then notices when it does not get there. */
function isDelimited({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

function requestIdOf({ headers }: IncomingMessage, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headers[name]?.toString();
    if (value !== undefined) return value;
  }
  return undefined;
}
