import { testRandomStories } from './test-stories.ts';

testRandomStories(40, 20_261_125);
