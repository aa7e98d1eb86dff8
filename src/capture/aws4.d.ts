declare module 'aws4' {
  interface Request {
    readonly service: string;
    readonly region: string;
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly headers: Record<string, string>;
    /** Headers that are signed as well, though others on the way may change them. */
    readonly extraHeadersToInclude?: Readonly<Record<string, boolean>>;
  }

  interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  }

  /** Adds the headers of a signature (AWS Signature Version 4) to those of a request. */
  export function sign(request: Request, credentials: Credentials): Request;
}
