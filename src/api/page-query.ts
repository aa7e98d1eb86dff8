import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** The number of rows in a page of a list, unless the query says another one. */
export const PAGE_SIZE = 50;
const MAX_CURSOR_LENGTH = 200;

/** The number of rows in a page. @param maximum the largest number that may be asked for. */
export const IsPageLimit = (maximum: number): PropertyDecorator =>
  applyDecorators(
    Max(maximum),
    Min(1),
    IsInt(),
    Type(() => Number),
    ApiPropertyOptional({ minimum: 1, maximum, default: PAGE_SIZE }),
  );

/** The cursor of a page, as the page before has given it; readCursor() reads it. */
export const IsCursor = (): PropertyDecorator =>
  applyDecorators(
    MaxLength(MAX_CURSOR_LENGTH),
    IsString(),
    IsOptional(),
    ApiPropertyOptional({ description: '`next_cursor` of the page before.' }),
  );

/** The cursor that a page gives for the next one. */
export const NextCursor = (): PropertyDecorator =>
  ApiProperty({
    type: String,
    nullable: true,
    description: 'For the next page; null: this is the last one.',
  });
