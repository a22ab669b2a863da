package dev.pgportage.architecture.violations.nojdbcinweb.web;

import java.sql.Connection;

record Page(Connection connection) {}
