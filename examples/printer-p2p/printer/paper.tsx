import type { PaperLine } from '../receipt-layout.ts';

/** The paper as it comes out: the same lines, at the same width, as the printer's bytes. */
export function Paper({ lines, columns }: { lines: PaperLine[]; columns: number }) {
  return (
    <div class="paper" data-testid="paper">
      <pre style={{ '--columns': columns }}>
        {lines.map(({ text, bold, tall }, index) => (
          <span key={index} class={[bold && 'bold', tall && 'tall'].filter(Boolean).join(' ')}>
            {text || ' '}
          </span>
        ))}
      </pre>
    </div>
  );
}
