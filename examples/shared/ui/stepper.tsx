import { Icon } from './icons.tsx';

interface StepperProps {
  /** What is counted, for screen readers. */
  name: string;
  quantity: number;
  change(quantity: number): void;
}

/** − 2 +; a lone + while there are none. */
export function Stepper({ name, quantity, change }: StepperProps) {
  return (
    <fieldset class="stepper" aria-label={`How many ${name}`} data-empty={quantity === 0}>
      {quantity > 0 && (
        <>
          <button type="button" aria-label={`One ${name} less`} onClick={() => change(quantity - 1)}>
            <Icon name="minus" />
          </button>
          <output class="numeric">{quantity}</output>
        </>
      )}
      <button type="button" aria-label={`Add ${name}`} onClick={() => change(quantity + 1)}>
        <Icon name="plus" />
      </button>
    </fieldset>
  );
}
