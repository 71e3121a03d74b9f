-- Nothing: hundreds of events get their positions together here, so the blocks of 4,096 positions are right.
SELECT 1;
