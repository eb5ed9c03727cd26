import { Icon } from '../shared/ui/icons.tsx';
import { useChanges } from '../shared/ui/use-changes.ts';
import type { Assignment, AssignmentStatus } from './assignment.ts';
import type { StaffApp } from './staff-app.ts';

/** Tasks in rooms; whoever it is for accepts it and reports it done. */
export function Assignments({ app, name }: { app: StaffApp; name: string }) {
  useChanges(app);
  return (
    <section class="column" aria-labelledby="assignments-title">
      <h2 id="assignments-title">Rooms</h2>
      {app.assignments.length === 0 && (
        <div class="card empty">
          <Icon name="door" />
          <p>No assignments yet.</p>
        </div>
      )}
      <ul class="assignments">
        {app.assignments.map((assignment) => (
          <AssignmentCard
            key={assignment.assignmentId}
            assignment={assignment}
            isMine={assignment.assignedTo === name}
            report={(status) => app.setAssignmentStatus(assignment.assignmentId, status)}
          />
        ))}
      </ul>
    </section>
  );
}

interface AssignmentCardProps {
  assignment: Assignment;
  isMine: boolean;
  report(status: AssignmentStatus): void;
}

function AssignmentCard({ assignment, isMine, report }: AssignmentCardProps) {
  const { roomNumber, taskType, assignedTo, status, notes } = assignment;
  const emphasis = isMine ? 'primary' : '';
  return (
    <li class="card assignment" data-testid="assignment" data-status={status} data-mine={isMine}>
      <div>
        <h3>
          Room {roomNumber} <span class="task">{taskType}</span>
        </h3>
        <p class="muted">
          {isMine ? 'For you' : `For ${assignedTo}`} · {status}
        </p>
        {notes && <p>{notes}</p>}
      </div>
      {status === 'assigned' && (
        <button class={`button ${emphasis}`} type="button" onClick={() => report('accepted')}>
          Accept
        </button>
      )}
      {(status === 'accepted' || status === 'in-progress') && (
        <button class={`button ${emphasis}`} type="button" onClick={() => report('done')}>
          <Icon name="check" /> Done
        </button>
      )}
    </li>
  );
}
