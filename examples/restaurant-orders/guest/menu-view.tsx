import { formatMoney } from '@innmesh/protocol';
import { Stepper } from '../../shared/ui/stepper.tsx';
import type { GuestState } from './guest-state.ts';
import { type Course, type MenuItem, menu } from './menu.ts';

export function MenuView({ state }: { state: GuestState }) {
  return (
    <section class="menu" aria-label="Menu">
      <nav class="courses" aria-label="Courses">
        {menu.map(({ name }) => (
          <a key={name} href={`#${anchor(name)}`}>
            {name}
          </a>
        ))}
      </nav>
      {menu.map((course) => (
        <CourseSection key={course.name} course={course} state={state} />
      ))}
    </section>
  );
}

function CourseSection({ course: { name, items }, state }: { course: Course; state: GuestState }) {
  return (
    <section class="course" id={anchor(name)} aria-labelledby={`${anchor(name)}-title`}>
      <h2 id={`${anchor(name)}-title`}>{name}</h2>
      <ul>
        {items.map((item) => (
          <Dish key={item.itemId} item={item} state={state} />
        ))}
      </ul>
    </section>
  );
}

function Dish({ item, state }: { item: MenuItem; state: GuestState }) {
  const { name, description, price } = item;
  return (
    <li class="dish" data-testid={`dish-${item.itemId}`}>
      <div class="words">
        <h3>{name}</h3>
        <p class="muted">{description}</p>
        <Contains item={item} state={state} />
      </div>
      <p class="price numeric">{formatMoney(price)}</p>
      <Stepper
        name={name}
        quantity={state.cart.quantityOf(item)}
        change={(quantity) => state.cart.setQuantity(item, quantity)}
      />
    </li>
  );
}

/** What a guest has named as an allergy stands out. */
export function Contains({ item: { contains }, state }: { item: MenuItem; state: GuestState }) {
  if (contains.length === 0) return null;
  const hits = contains.filter((allergen) => state.allergies.value.has(allergen));
  return (
    <p class="contains">
      Contains {list(contains)}
      {hits.length > 0 && <strong class="hit">You named {list(hits)} as an allergy</strong>}
    </p>
  );
}

function list(words: string[]): string {
  return words.map((word) => word.toLowerCase()).join(', ');
}

function anchor(course: string): string {
  return course.toLowerCase();
}
