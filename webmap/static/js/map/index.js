// The public map: what starts, and in which order.
import { report } from './report.js';

report();
