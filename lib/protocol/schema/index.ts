export {
  anything,
  entriesWithin,
  type Fields,
  list,
  nothing,
  object,
  optional,
  strictObject,
  union,
  variant,
} from './containers.ts';
export { describeValue } from './describe-value.ts';
export {
  type AnySchema,
  at,
  type InferInput,
  type InferOutput,
  Misfit,
  read,
  refusing,
  type Schema,
} from './schema.ts';
export {
  type Bounds,
  boolean,
  bytes,
  check,
  kind,
  literal,
  number,
  picklist,
  text,
  textLike,
  transform,
  wholeNumber,
} from './values.ts';
