import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../../../examples/shared/ui/icons.tsx';
import { houseName } from '../../../../examples/shared/ui/page-settings.ts';
import { QrCode } from '../../../../examples/shared/ui/qr-code.tsx';
import type { Property } from './property.ts';

/** A table's QR code, to be printed: the sheet is all that is on the paper. */
export function TableSheet({ property, tenant }: { property: Property; tenant: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = property.shown.value;
  useEffect(() => {
    if (shown && !dialog.current?.open) dialog.current?.showModal();
    if (!shown) dialog.current?.close();
  }, [shown]);
  const close = () => {
    property.shown.value = null;
  };
  return (
    <dialog ref={dialog} class="table-sheet" aria-labelledby="sheet-title" onClose={close}>
      {shown && (
        <>
          <div class="paper">
            <p class="house">{houseName(tenant)}</p>
            <h2 id="sheet-title">{/^\d+$/.test(shown.tableId) ? `Table ${shown.tableId}` : shown.tableId}</h2>
            <QrCode text={shown.url} label={`QR code of table ${shown.tableId}`} />
            <p>Scan to see the menu and order</p>
          </div>
          <div class="buttons">
            <button type="button" class="button primary" onClick={() => print()}>
              <Icon name="printer" />
              Print
            </button>
            <button type="button" class="button" onClick={() => property.renewTable(shown.tableId)}>
              New code
            </button>
            <button type="button" class="button quiet" onClick={close}>
              Done
            </button>
          </div>
          <p class="muted">A new code makes every printed one of this table void.</p>
        </>
      )}
    </dialog>
  );
}
