import { HttpException } from '@nestjs/common';
import { ERROR_CODES, ErrorCode } from './error-codes';
import { ErrorItemDto } from './error.dto';

interface Options {
  /** The name of the invalid field, parameter or header. */
  readonly field?: string;
  readonly cause?: unknown;
}

/** An error of the API: a code for clients, which determines the status, and a message for people. */
export class ApiException extends HttpException {
  private readonly field: string | undefined;

  /** @param text the message, or a list of messages of which a client may show a part; the first one says what is wrong. */
  constructor(
    readonly code: ErrorCode,
    readonly text: string | string[],
    { field, cause }: Options = {},
  ) {
    super(Array.isArray(text) ? text.join('; ') : text, ERROR_CODES[code].status, { cause });
    this.field = field;
  }

  /** Everything that is wrong, one item with a code for each. */
  get errors(): readonly ErrorItemDto[] {
    const [message = ''] = [this.text].flat();
    return [{ ...(this.field !== undefined && { field: this.field }), code: this.code, message }];
  }
}
