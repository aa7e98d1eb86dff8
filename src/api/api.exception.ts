import { HttpException } from '@nestjs/common';
import { ERROR_CODES, ErrorCode } from './error-codes';
import { ErrorItemDto } from './error.dto';

interface Options {
  /** The name of the field, parameter or header that is wrong. */
  readonly field?: string;
  readonly cause?: unknown;
}

/** Every refusal of the API: a code, by which clients decide what to do, and words for people. The code decides the status. */
export class ApiException extends HttpException {
  private readonly field: string | undefined;

  /** @param text a list where a client may show a part of it; the first message says what is wrong. */
  constructor(
    readonly code: ErrorCode,
    readonly text: string | string[],
    { field, cause }: Options = {},
  ) {
    super(Array.isArray(text) ? text.join('; ') : text, ERROR_CODES[code].status, { cause });
    this.field = field;
  }

  /** Everything that is wrong, each with its code. */
  get errors(): readonly ErrorItemDto[] {
    const [message = ''] = [this.text].flat();
    return [{ ...(this.field !== undefined && { field: this.field }), code: this.code, message }];
  }
}
