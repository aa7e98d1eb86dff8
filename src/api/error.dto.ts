import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CODES, ErrorCode } from './error-codes';

/** One error of a request. */
export class ErrorItemDto {
  @ApiPropertyOptional({
    example: 'email',
    description: 'The field of the body, of the query or of the path, or the header, that is wrong.',
  })
  field?: string;

  @ApiProperty({ enum: Object.keys(ERROR_CODES), enumName: 'ErrorCode', example: 'invalid_email' })
  code!: ErrorCode;

  @ApiProperty({
    example: 'email must be an email',
    description: 'For people. It may change; the code does not.',
  })
  message!: string;
}

/** The body of every error under /api: Nest's own shape, with a code for each thing that is wrong. */
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

  @ApiPropertyOptional({
    type: [ErrorItemDto],
    description:
      'Each thing that is wrong, up to eight. Left out where `error` is the word of an OAuth error.',
  })
  errors?: readonly ErrorItemDto[];
}
