import { ByteTap } from '../exchange/exchange';
import { BodyCopy } from './body-copy';
import { BodyPart } from './trace-body.entity';
import { CaptureBuffer } from './capture-buffer';
import { CapturedBody } from './captured-call';

const MAX_HEADER_LENGTH = 200;

/** What the headers say about a body, as far as it is kept. */
interface BodyHeaders {
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
}

/** Copies both bodies of a call. */
export class CaptureTap implements ByteTap {
  private readonly request: BodyCopy;
  private readonly response: BodyCopy;
  private responseHeaders: BodyHeaders = { contentType: null, contentEncoding: null };

  /** @param done receives the bodies when the exchange has ended. */
  constructor(
    buffer: CaptureBuffer,
    userId: string,
    private readonly requestHeaders: BodyHeaders,
    private readonly done: (bodies: Readonly<Record<BodyPart, CapturedBody>>) => void,
  ) {
    this.request = new BodyCopy(buffer, userId);
    this.response = new BodyCopy(buffer, userId);
  }

  requestChunk(chunk: Buffer): void {
    this.request.add(chunk);
  }

  responseHead(_status: number, rawHeaders: readonly string[]): void {
    this.responseHeaders = bodyHeaders((name) => headerIn(rawHeaders, name));
  }

  responseChunk(chunk: Buffer): void {
    this.response.add(chunk);
  }

  end(): void {
    this.done({
      request: { ...this.request.end(), ...this.requestHeaders },
      response: { ...this.response.end(), ...this.responseHeaders },
    });
  }
}

/** Returns what the headers say about a body. */
export function bodyHeaders(get: (name: string) => string | undefined): BodyHeaders {
  const shown = (name: string) =>
    get(name)
      ?.slice(0, MAX_HEADER_LENGTH)
      .replace(/[^\x20-\x7e]/g, '?') ?? null;
  return { contentType: shown('content-type'), contentEncoding: shown('content-encoding') };
}

function headerIn(rawHeaders: readonly string[], name: string): string | undefined {
  const index = rawHeaders.findIndex((text, at) => at % 2 === 0 && text.toLowerCase() === name);
  return index < 0 ? undefined : rawHeaders[index + 1];
}
