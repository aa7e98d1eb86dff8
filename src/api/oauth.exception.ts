import { HttpException, HttpStatus } from '@nestjs/common';

/** A refusal to an OAuth client, in the one word that it looks at (RFC 6749 5.2, RFC 8628 3.5). */
export class OAuthException extends HttpException {
  constructor(
    readonly word: string,
    readonly text: string | string[],
    cause?: unknown,
  ) {
    super([text].flat().join('; '), HttpStatus.BAD_REQUEST, { cause });
  }
}
