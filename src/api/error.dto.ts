import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiResponse } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';

/** How every endpoint under /api says no: Nest's own shape. */
export class ErrorDto {
  @ApiProperty({ example: 400 })
  statusCode!: number;

  @ApiProperty({ example: 'Bad Request' })
  error!: string;

  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    description: 'What is wrong and what to do; a list when several fields are wrong.',
    example: ['email must be an email'],
  })
  message!: string | string[];
}

/** Documents refusals: status to what it means here. */
export function ApiErrors(errors: Record<number, string>): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ...Object.entries(errors).map(([code, message]) => {
      const statusCode = Number(code);
      return ApiResponse({
        status: statusCode,
        description: message,
        type: ErrorDto,
        example: { statusCode, error: STATUS_CODES[statusCode], message },
      });
    }),
  );
}
