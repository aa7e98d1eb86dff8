import { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { Agent, ClientRequest, IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { UpstreamFacts } from '../logging/request-record';
import { ConnectTimeoutError, failureOf } from './upstream-failure';

/** Where all requests go, and by which connections. */
export interface Upstream {
  readonly protocol: string;
  readonly hostname: string;
  /** Empty for the protocol's own. */
  readonly port: string;
  readonly agent: Agent;
  readonly connectTimeoutMs: number;
  /** Called with each connection that has been made, TLS included. */
  readonly onConnected?: (socket: Socket) => void;
}

/** What is asked for. */
export interface UpstreamMessage {
  readonly method: string | undefined;
  readonly path: string;
  /** Name, value, name, value, ...; with `host`, which node:http adds to no list. */
  readonly headers: string[];
  readonly body: Readable | undefined;
}

/**
 * One upstream request, in the place that axios leaves for it (`adapter`): the path and the headers go out as they were
 * given, where axios would normalize both; body and answer are node:http's own streams, with nothing between; connecting
 * is bounded in time while nothing after it is.
 */
export class UpstreamRequest {
  private sent?: ClientRequest;
  private abandoned = false;
  private answered = false;
  /** How many have asked for it to wait. */
  private holds = 0;
  private refused?: Error;

  constructor(
    private readonly upstream: Upstream,
    private readonly message: UpstreamMessage,
    /** Where it notes how the request went. */
    private readonly facts: UpstreamFacts,
  ) {}

  /** Called by axios. Resolves with the answer's head in, and its body a stream. */
  readonly adapter = (config: InternalAxiosRequestConfig): Promise<AxiosResponse<IncomingMessage>> =>
    new Promise((resolve, reject) => {
      const request = this.open((data) => {
        resolve({ data, status: data.statusCode ?? 0, statusText: '', headers: {}, config, request });
      });
      request.on('error', reject); // for good: one that comes after the answer is told by the answer's end
      this.sendBody(request);
    });

  private open(onResponse: (response: IncomingMessage) => void): ClientRequest {
    const { protocol, hostname, port, agent, connectTimeoutMs, onConnected } = this.upstream;
    const { method, path, headers } = this.message;
    const { facts } = this;
    const send = protocol === 'https:' ? httpsRequest : httpRequest;
    facts.askedAt ??= performance.now(); // asking again after a stale connection is time of the upstream's
    const request = send({ protocol, hostname, port, method, agent, path, headers }, (response) => {
      this.answered = true;
      facts.answeredAt = performance.now();
      delete facts.failure; // of an earlier one, on a stale connection
      // A reset shows here first, and an answer without length or chunks would then seem to have ended well.
      request.once('error', (error) => {
        if (!response.complete && !isDelimited(response)) response.destroy(error);
      });
      onResponse(response);
    });
    this.sent = request;
    const connection = limitConnectTime(request, connectTimeoutMs, onConnected);
    request.once('error', (error) => {
      if (!this.answered) facts.failure = failureOf(error, connection.isMade, request.socket);
    });
    // An answer that is none (101 Switching Protocols) closes without an error, and the client would wait for ever.
    request.once('close', () => {
      if (!this.answered) request.emit('error', new Error('The upstream closed without an answer'));
    });
    if (this.abandoned) request.destroy(this.refused);
    return request;
  }

  /** A body that breaks off takes the request with it: the upstream must not take a part for the whole. */
  private sendBody(request: ClientRequest): void {
    const { body } = this.message;
    if (body === undefined) {
      request.end();
      return;
    }
    body.once('error', (error) => request.destroy(error));
    body.once('close', () => {
      if (!body.readableEnded) request.destroy(new Error('The client left before its request was complete'));
    });
    if (this.holds === 0) body.pipe(request);
  }

  /** Whether the request failed, unanswered, on a connection that had lain idle. */
  get metStaleSocket(): boolean {
    return this.sent?.reusedSocket === true && !this.answered && !this.abandoned;
  }

  /** Whether the whole request is out. */
  get isSent(): boolean {
    return this.sent?.writableFinished === true;
  }

  /** Ends the request, wherever it is: the person pays for tokens that nobody reads. */
  abandon(): void {
    this.abandoned = true;
    this.sent?.destroy();
  }

  /** Sends no more of the body until release() has been called as often. */
  hold(): void {
    this.holds += 1;
    if (this.sent !== undefined) this.message.body?.unpipe(this.sent);
  }

  release(): void {
    this.holds -= 1;
    if (this.holds > 0 || this.abandoned || this.sent === undefined) return;
    this.message.body?.pipe(this.sent);
  }

  /** Ends the request as abandon() does. @param error what the attempt to send it fails with. */
  refuse(error: Error): void {
    this.abandoned = true;
    this.refused = error;
    this.sent?.destroy(error);
  }
}

/** Whether the body says itself where it ends; node:http then notices when it does not get there. */
function isDelimited({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** @returns whether it is connected, TLS included. */
function limitConnectTime(
  request: ClientRequest,
  milliseconds: number,
  onConnected?: (socket: Socket) => void,
): { readonly isMade: boolean } {
  const connection = { isMade: false };
  const timer = setTimeout(() => {
    request.destroy(new ConnectTimeoutError(`Not connected within ${milliseconds} ms`));
  }, milliseconds);
  const connected = (): void => {
    connection.isMade = true;
    clearTimeout(timer);
    if (!request.reusedSocket && request.socket !== null) onConnected?.(request.socket);
  };
  request.once('close', () => {
    clearTimeout(timer);
  });
  request.once('socket', (socket: Socket) => {
    if (request.reusedSocket) connected();
    else if (socket instanceof TLSSocket) {
      // Through an outbound proxy the handshake can be over by now.
      if (socket.getFinished() === undefined || socket.connecting) socket.once('secureConnect', connected);
      else connected();
    } else if (socket.connecting) socket.once('connect', connected);
    else connected();
  });
  return connection;
}
