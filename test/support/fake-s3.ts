import { createHash } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { signatureOf } from './s3-signature';

/** What a fake store takes in place of real credentials. */
export const S3_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'AKIDTESTS',
  AWS_SECRET_ACCESS_KEY: 'CANARYsecret/of+tests',
  AWS_SESSION_TOKEN: 'CANARYtoken==',
};
const BUCKET = 'kept-here';
const PREFIX = 'vault/traces';
const REGION = 'eu-central-1';
/** Small, so that removing a session takes several pages. */
const PAGE = 2;
/** How far a request's clock may be off. */
const MAX_SKEW_MS = 15 * 60_000;

type Behaviour = (response: ServerResponse) => void;

/** An error of the store, whose text repeats what nobody may log. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }

  send(response: ServerResponse): void {
    const xml = `<?xml version="1.0"?><Error><Code>${this.code}</Code><Message>CANARYmessage</Message></Error>`;
    response.writeHead(this.status, { 'content-type': 'application/xml' }).end(xml);
  }
}

/** Answers a request with 503, as S3 does when it is asked too often. */
export const slowDown: Behaviour = (response) => new Refusal(503, 'SlowDown').send(response);

/** A store that speaks the protocol of S3: objects in memory, signatures checked, and failures as a test says. */
export class FakeS3 {
  /** The objects by their keys. */
  readonly objects = new Map<string, Buffer>();
  /** The method and target of each request that was signed rightly. */
  readonly requests: string[] = [];
  /** How to answer the next requests; those after them are done. */
  readonly behaviours: Behaviour[] = [];
  /** Whether it is away: connections end at once. */
  isAway = false;
  /** Whether requests get no answer at all. */
  isSilent = false;
  /** The names of the access key's actions that are not allowed. */
  readonly denied = new Set<string>();
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeS3> {
    const server = createServer();
    const store = new FakeS3(server);
    server.on('connection', (socket) => {
      store.sockets.add(socket.on('close', () => store.sockets.delete(socket)));
      if (store.isAway) socket.destroy();
    });
    server.on('request', (request, response) => void store.receive(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return store;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The variables of a server that keeps content here. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...S3_CREDENTIALS,
      TRACEVAULT_TRACE_STORE: `s3://${BUCKET}/${PREFIX}`,
      AWS_ENDPOINT_URL_S3: this.url,
      AWS_REGION: REGION,
    };
  }

  /** The key of a pack by its name with its folder. */
  keyOf(name: string): string {
    return `${PREFIX}/${name}`;
  }

  /** Goes away, or comes back. */
  away(isAway: boolean): void {
    this.isAway = isAway;
    if (isAway) for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the client has left
    }
    if (this.isSilent) return;
    try {
      const body = Buffer.concat(chunks);
      assertSigned(request, body);
      this.requests.push(`${request.method!} ${request.url!}`);
      const behave = this.behaviours.shift();
      if (behave !== undefined) behave(response);
      else this.answer(request, body, response);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      error.send(response);
    }
  }

  private answer(
    { method = '', url = '', headers }: IncomingMessage,
    body: Buffer,
    to: ServerResponse,
  ): void {
    const { pathname, searchParams } = new URL(url, 'http://x');
    const [, bucket, ...rest] = pathname.split('/');
    const key = rest.join('/');
    if (bucket !== BUCKET) throw new Refusal(404, 'NoSuchBucket');
    const action = key === '' ? 'LIST' : method;
    if (this.denied.has(action)) throw new Refusal(403, 'AccessDenied');
    switch (action) {
      case 'LIST':
        to.writeHead(200, { 'content-type': 'application/xml' }).end(this.list(searchParams));
        return;
      case 'PUT':
        this.objects.set(key, body);
        to.writeHead(200).end();
        return;
      case 'DELETE':
        this.objects.delete(key);
        to.writeHead(204).end();
        return;
      case 'GET':
        this.sendPart(key, headers.range, to);
        return;
      default:
        throw new Refusal(405, 'MethodNotAllowed');
    }
  }

  private sendPart(key: string, range: string | undefined, response: ServerResponse): void {
    const bytes = this.objects.get(key);
    if (bytes === undefined) throw new Refusal(404, 'NoSuchKey');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (first === undefined) {
      response.writeHead(200).end(bytes);
      return;
    }
    if (Number(first) >= bytes.length) throw new Refusal(416, 'InvalidRange');
    response.writeHead(206).end(bytes.subarray(Number(first), Number(last) + 1));
  }

  /** Lists a page; its token is the last key of the page before, with characters that have to be escaped. */
  private list(query: URLSearchParams): string {
    if (query.get('list-type') !== '2') throw new Refusal(400, 'InvalidArgument');
    const prefix = query.get('prefix') ?? '';
    const behind = query.get('continuation-token')?.slice('a&+='.length) ?? '';
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > behind).sort();
    const page = keys.slice(0, PAGE);
    const more =
      keys.length > PAGE ? `<NextContinuationToken>a&amp;+=${page.at(-1)!}</NextContinuationToken>` : '';
    const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
    return `<ListBucketResult><IsTruncated>${String(more !== '')}</IsTruncated>${contents}${more}</ListBucketResult>`;
  }
}

/** Checks who has signed a request, and that all that matters is signed. @throws Refusal */
function assertSigned({ method = '', url = '', headers }: IncomingMessage, body: Buffer): void {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secretAccessKey } = S3_CREDENTIALS;
  const [, credential = '', signed = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    ) ?? [];
  const [keyId, day, region, ...others] = credential.split('/');
  const [at, payload] = [headers['x-amz-date'], headers['x-amz-content-sha256']].map(String) as [
    string,
    string,
  ];
  if (keyId !== id) throw new Refusal(403, 'InvalidAccessKeyId');
  if (region !== REGION || others.join('/') !== 's3/aws4_request')
    throw new Refusal(400, 'AuthorizationHeaderMalformed');
  if (headers['x-amz-security-token'] !== S3_CREDENTIALS.AWS_SESSION_TOKEN)
    throw new Refusal(400, 'InvalidToken');
  const time = Date.parse(at.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  if (!(Math.abs(Date.now() - time) < MAX_SKEW_MS) || day !== at.slice(0, 8))
    throw new Refusal(403, 'RequestTimeTooSkewed');
  const names = signed.split(';');
  const wanted = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (!wanted.every((name) => names.includes(name))) throw new Refusal(403, 'AccessDenied');
  if (createHash('sha256').update(body).digest('hex') !== payload)
    throw new Refusal(400, 'XAmzContentSHA256Mismatch');
  const all = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  const parts = { method, target: url, headers: all, payload };
  if (signatureOf(parts, { secretAccessKey, region, at }) !== signature)
    throw new Refusal(403, 'SignatureDoesNotMatch');
}
