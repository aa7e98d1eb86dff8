import { ApiExtension } from '@nestjs/swagger';
import { ErrorCode } from './error-codes';
import { inputErrorCodes } from './input-error-codes';

/**
 * The extensions of an operation in the document that hold the codes of its handler, and those of all handlers of its
 * controller.
 */
export const HANDLER_CODES = 'x-handler-error-codes';
export const CONTROLLER_CODES = 'x-controller-error-codes';

/**
 * Documents the error codes of a handler, or of all handlers of a controller. The codes of the handler's body and query
 * are derived from the rules of their classes, so every handler that has one needs this decorator.
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
