import * as s from '../schema/index.ts';
import type { AnyLayout } from '../wire/layout.ts';
import type { MessageDefinition } from '../wire/record-codec.ts';
import { describeSchema } from './describe-schema.ts';

/** What the version guard hashes of a message. */
export function describeMessage(type: string, { code, layout }: MessageDefinition) {
  const { fields } = schemaOf(layout).parts as { fields: s.Fields };
  return {
    type,
    code,
    schema: describeSchema(s.object({ type: s.literal(type), ...fields })),
    layout: shapeOf(layout),
  };
}

function shapeOf({ parts }: AnyLayout): string {
  if ('shape' in parts) return parts.shape;
  if ('item' in parts) return `list(${shapeOf(parts.item)})`;
  return `{${Object.entries(parts.fields).map(([name, field]) => `${name}:${shapeOf(field)}`)}}`;
}

function schemaOf({ parts }: AnyLayout): s.AnySchema {
  if ('schema' in parts) return parts.schema;
  if ('item' in parts) return s.list(schemaOf(parts.item), parts.bounds);
  return s.object(Object.fromEntries(Object.entries(parts.fields).map(([name, field]) => [name, schemaOf(field)])));
}
