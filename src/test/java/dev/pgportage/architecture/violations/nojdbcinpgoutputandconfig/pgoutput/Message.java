package dev.pgportage.architecture.violations.nojdbcinpgoutputandconfig.pgoutput;

import java.sql.Connection;

record Message(Connection connection) {}
