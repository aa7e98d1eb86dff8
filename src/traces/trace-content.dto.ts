import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsDay } from '../api/day';
import { IsDisplayText } from '../api/display-text';
import { trimmed } from '../api/trimmed';
import { EXPORT_FORMATS, ExportFormat } from './trace-export.service';

const REASON_LENGTH = { min: 10, max: 500 };

/** Why an auditor reads what somebody's agents said. */
const IsReason = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      example: 'Incident 4711: which files went to the model?',
      minLength: REASON_LENGTH.min,
      maxLength: REASON_LENGTH.max,
      description:
        'Why I read it. The person whose trace it is sees it in their activity, and owners and admins in the audit trail.',
    }),
    trimmed,
    IsDisplayText(REASON_LENGTH),
  );

export class DeleteTracesQueryDto {
  @ApiProperty({
    format: 'date',
    example: '2026-11-01',
    description: 'The content of traces whose last call came in before this day (UTC) is deleted.',
  })
  @IsDay()
  before!: string;
}

export class DeletedTracesDto {
  @ApiProperty({ description: 'The number of traces whose content was deleted.' })
  deleted!: number;
}

export class ExportTraceQueryDto {
  @ApiProperty({
    enum: EXPORT_FORMATS,
    description:
      '`jsonl`: a line for each call, with what was new in it. `otlp`: spans of OpenTelemetry, without content. `raw`: a tar file of the bodies, byte for byte, with a manifest and the seals of the calls.',
  })
  @IsIn(EXPORT_FORMATS)
  format!: ExportFormat;
}

export class ReadContentQueryDto {
  @IsReason()
  reason!: string;
}

export class ExportReadTraceQueryDto extends ExportTraceQueryDto {
  @IsReason()
  reason!: string;
}
