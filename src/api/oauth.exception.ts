import { HttpException, HttpStatus } from '@nestjs/common';

/** An error for an OAuth client, with an error code of RFC 6749 5.2 or RFC 8628 3.5. */
export class OAuthException extends HttpException {
  constructor(
    readonly word: string,
    readonly text: string | string[],
    cause?: unknown,
  ) {
    super([text].flat().join('; '), HttpStatus.BAD_REQUEST, { cause });
  }
}
