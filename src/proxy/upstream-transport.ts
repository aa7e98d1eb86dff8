import { Agent, ClientRequest, IncomingMessage, request as httpRequest, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Thrown when DNS, TCP and TLS together took too long. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
}

/** The part of axios' request options that a transport needs. */
type AxiosTransportOptions = Pick<RequestOptions, 'protocol' | 'hostname' | 'port' | 'method'> & {
  agent?: Agent;
};

/**
 * One upstream request, in the place that axios leaves for it (`transport`): the path and the headers go out as they
 * were given, where axios would normalize both, and connecting is bounded in time while nothing after it is.
 */
export class UpstreamTransport {
  private sent?: ClientRequest;
  private abandoned = false;
  private answered = false;

  constructor(
    private readonly path: string,
    /** Name, value, name, value, ...; with `host`, which node:http adds to no list. */
    private readonly headers: string[],
    private readonly connectTimeoutMs: number,
  ) {}

  /** Called by axios. */
  request(options: AxiosTransportOptions, onResponse: (response: IncomingMessage) => void): ClientRequest {
    const { protocol, hostname, port, method, agent } = options;
    const send = protocol === 'https:' ? httpsRequest : httpRequest;
    const { path, headers } = this;
    const request = send({ protocol, hostname, port, method, agent, path, headers }, (response) => {
      this.answered = true;
      // A reset shows here first, and an answer without length or chunks would then seem to have ended well.
      request.once('error', (error) => {
        if (!response.complete && !isDelimited(response)) response.destroy(error);
      });
      onResponse(response);
    });
    this.sent = request;
    limitConnectTime(request, this.connectTimeoutMs);
    // An answer that is none (101 Switching Protocols) closes without an error, and the client would wait for ever.
    request.once('close', () => {
      if (!this.answered) request.emit('error', new Error('The upstream closed without an answer'));
    });
    if (this.abandoned) this.abandon();
    return request;
  }

  /** Whether the request failed, unanswered, on a connection that had lain idle. */
  get metStaleSocket(): boolean {
    return this.sent?.reusedSocket === true && !this.answered && !this.abandoned;
  }

  /** Ends the request, wherever it is: the person pays for tokens that nobody reads. */
  abandon(): void {
    this.abandoned = true;
    this.sent?.destroy();
  }
}

/** Whether the body says itself where it ends; node:http then notices when it does not get there. */
function isDelimited({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

function limitConnectTime(request: ClientRequest, milliseconds: number): void {
  const timer = setTimeout(() => {
    request.destroy(new ConnectTimeoutError(`Not connected within ${milliseconds} ms`));
  }, milliseconds);
  const connected = (): void => {
    clearTimeout(timer);
  };
  request.once('close', connected);
  request.once('socket', (socket: Socket) => {
    if (request.reusedSocket) connected();
    else if (socket instanceof TLSSocket) {
      // Through an outbound proxy the handshake can be over by now.
      if (socket.getFinished() === undefined || socket.connecting) socket.once('secureConnect', connected);
      else connected();
    } else if (socket.connecting) socket.once('connect', connected);
    else connected();
  });
}
