import { InnmeshError } from '@innmesh/protocol';

/** The disk, or what the browser gives this page of it, is full. */
export class StorageFullError extends InnmeshError {
  override readonly name = 'StorageFullError';
  readonly code = 'STORAGE_FULL';

  constructor(options?: ErrorOptions) {
    super('There is no room to keep this, and nothing of it was kept. Free some on this device.', options);
  }

  override shouldRetry(): boolean {
    return true;
  }
}

/** Another tab or process of this device keeps its messages now. */
export class StorageTakenOverError extends InnmeshError {
  override readonly name = 'StorageTakenOverError';
  readonly code = 'STORAGE_TAKEN_OVER';

  constructor() {
    super('Another tab or process of this device has taken over what it keeps, and nothing of this was kept.');
  }
}
