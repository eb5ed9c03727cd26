import { useLayoutEffect, useReducer } from 'preact/hooks';

/** Draws the component again after each change of `source`; to be called by whichever reads from it. */
export function useChanges(source: { onChange(listener: () => void): () => void }): void {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  useLayoutEffect(() => source.onChange(() => redraw(undefined)), [source]);
}
