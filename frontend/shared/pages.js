import "./base.css";
import "./pages.css";
import { startTheme } from "./theme.js";

startTheme();
