-- The rows of src/state/machine.c (a test compares them).
INSERT INTO orchestrate.fsm (rule, from_state, on_event, must, must_not, to_state, move, why)
VALUES (10, 'pending', 'advance',     0, 0, 'running',  0, 'the phase starts'),
       (11, 'pending', 'rollback',    1, 4, 'undoing',  0, 'called off before anything began'),
       (20, 'running', 'phase over',  0, 0, 'done',     0, 'the phase has no step left'),
       (21, 'running', 'step failed', 0, 0, 'failed',   0, 'a step failed'),
       (22, 'running', 'rollback',    0, 4, 'undoing',  0, 'called off half-way'),
       (30, 'failed',  'advance',     0, 0, 'running',  0, 'the failed step is tried again'),
       (31, 'failed',  'rollback',    0, 4, 'undoing',  0, 'called off after a failure'),
       (40, 'done',    'advance',     0, 2, 'pending',  1, 'the next phase is due'),
       (41, 'done',    'rollback',    0, 4, 'undoing',  0, 'the phase is taken back'),
       (50, 'undoing', 'undo over',   0, 0, 'undone',   0, 'the phase has nothing left to undo'),
       (60, 'undone',  'advance',     0, 1, 'running',  0, 'the phase starts anew'),
       (61, 'undone',  'rollback',    0, 5, 'undoing', -1, 'the phase before is taken back too');
