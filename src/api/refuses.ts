import { ApiExtension } from '@nestjs/swagger';
import { ErrorCode } from './error-codes';
import { inputErrorCodes } from './input-error-codes';

/** Where an operation of the document has the codes of its handler, and those of all handlers of its controller. */
export const HANDLER_CODES = 'x-handler-error-codes';
export const CONTROLLER_CODES = 'x-controller-error-codes';

/**
 * Documents the errors of a handler, or of all handlers of a controller, by their codes. Those of its body and query are added
 * from the rules of their classes, so that it stands at every handler that takes one.
 */
export function Refuses(...codes: ErrorCode[]): MethodDecorator & ClassDecorator {
  return (target: object, handler?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (handler === undefined || descriptor === undefined) {
      ApiExtension(CONTROLLER_CODES, codes)(target);
      return;
    }
    const inputs = (Reflect.getMetadata('design:paramtypes', target, handler) ?? []) as unknown[];
    ApiExtension(HANDLER_CODES, [...codes, ...inputErrorCodes(inputs)])(target, handler, descriptor);
  };
}
