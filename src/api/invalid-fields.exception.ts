import { ApiException } from './api.exception';
import { ErrorItemDto } from './error.dto';

/** The error of a request with invalid fields. */
export class InvalidFieldsException extends ApiException {
  /** @param rest the number of further errors, which are not listed. */
  constructor(
    private readonly items: readonly ErrorItemDto[],
    rest: number,
  ) {
    const messages = items.map(({ message }) => message);
    super(items[0]?.code ?? 'bad_request', rest > 0 ? [...messages, `and ${rest} more`] : messages);
  }

  override get errors(): readonly ErrorItemDto[] {
    return this.items;
  }
}
